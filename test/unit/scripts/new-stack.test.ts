import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { topologies } from '../../../infra/config/names.ts';
import { repositoryRoot } from '../../../infra/paths.ts';
import { askAt } from '../../../scripts/lib/ask.ts';
import { chooseStack, stackName, type Wishes } from '../../../scripts/lib/new-questions.ts';
import { brokerCounts, newStackFile, shapesFor } from '../../../scripts/lib/new-stack.ts';

const nothing: Wishes = {
  stack: undefined,
  topology: undefined,
  frontEnd: undefined,
  target: undefined,
  brokers: undefined,
  memory: undefined,
  disk: undefined,
  zones: undefined,
  aws: {
    region: undefined,
    instanceType: undefined,
    packages: undefined,
    virtualAddress: undefined,
    testRig: undefined,
  },
};

/** Somebody who types these lines, and what was shown. */
function typist(lines: readonly string[]) {
  const shown: string[] = [];
  const rest = [...lines];
  const ask = askAt({
    say: (line) => void shown.push(line),
    read: (prompt) => {
      shown.push(prompt);
      const line = rest.shift();
      return line === undefined
        ? Promise.reject(new Error('no more lines'))
        : Promise.resolve(line);
    },
  });
  return { ask, shown: () => shown.join(''), rest };
}

describe('what is offered', () => {
  it('works, all of it, and every topology is there', () => {
    const shapes = shapesFor({ target: 'rig' });
    for (const shape of shapes) {
      const brokers = brokerCounts(shape).at(-1);
      const choice = { ...shape, ...sizes, brokers, zones: undefined, aws: undefined };
      expect(newStackFile('trial', choice, places).config).toMatchObject(shape);
    }
    expect(new Set(shapes.map(({ topology }) => topology))).toEqual(new Set(topologies));
    expect(shapes.map(({ frontEnd }) => frontEnd)).not.toContain('nlb');
  });
  it('has numbers of brokers only where a topology has a choice', () => {
    const shape = { frontEnd: 'haproxy-keepalived', target: 'rig' } as const;
    expect(brokerCounts({ topology: 'quorum-cluster', ...shape })).toEqual([3, 5, 7]);
    expect(brokerCounts({ topology: 'warren', ...shape })).toEqual([]);
    expect(brokerCounts({ topology: 'drbd-pacemaker', ...shape })).toEqual([]);
  });
});

const sizes = { memory: '1GiB', disk: '4GiB' };
const places = { schema: '/kit/schema/stack.schema.json', folder: '/kit/stacks' };

describe('answers', () => {
  it('are defaults where only Enter is pressed', async () => {
    const { ask, rest } = typist(['', '', '', '', '', '']);
    const { stack, choice } = await chooseStack(nothing, [], ask);
    expect(rest).toEqual([]);
    expect(stack).toBe('my-quorum-cluster');
    expect(choice).toEqual({
      topology: 'quorum-cluster',
      frontEnd: 'haproxy-keepalived',
      target: 'rig',
      brokers: 3,
      ...sizes,
      zones: undefined,
      aws: undefined,
    });
  });
  it('may be numbers, names or their beginnings; what does not fit is asked again', async () => {
    const { ask, shown } = typist([
      '9',
      'r',
      'quo',
      '1',
      '4',
      '5',
      '2',
      '2GiB',
      'Orders',
      'old',
      'orders',
    ]);
    const { stack, choice } = await chooseStack(nothing, ['old'], ask);
    expect({ stack, ...choice }).toMatchObject({ stack: 'orders', brokers: 5, disk: '8GiB' });
    expect(shown()).toContain('type a number from 1 to');
    expect(shown()).toContain('type one of 3, 5, 7');
    expect(shown()).toContain('allowed: a size from 512MiB');
    expect(shown()).toContain('the name is taken');
  });
  it('are not asked for what was given', async () => {
    const given = { ...nothing, stack: 'pair', topology: 'warren', memory: '3GiB' } as const;
    const { ask, rest } = typist(['', '', 'more']);
    const { choice } = await chooseStack(given, [], ask);
    expect(choice).toMatchObject({ topology: 'warren', brokers: undefined, disk: '12GiB' });
    expect(rest).toEqual(['more']);
  });
  it('have the front end that needs no hosts of its own, where there is one', async () => {
    const given = { ...nothing, stack: 'pair', topology: 'drbd-pacemaker' } as const;
    const { choice } = await chooseStack(given, [], undefined);
    expect(choice).toMatchObject({ frontEnd: 'pacemaker-vip', brokers: undefined });
  });
  it('do not come before a contradiction in what was given', async () => {
    const { ask, rest } = typist(['']);
    const given = { ...nothing, topology: 'quorum-cluster', brokers: 4 } as const;
    await expect(chooseStack(given, [], ask)).rejects.toThrow(
      /^the new stack has one problem\n {2}quorumCluster\.brokers is even/,
    );
    await expect(
      chooseStack({ ...nothing, frontEnd: 'nlb', target: 'rig' }, [], ask),
    ).rejects.toThrow('frontEnd is a load balancer of AWS');
    await expect(
      chooseStack({ ...nothing, topology: 'warren', brokers: 3 }, [], ask),
    ).rejects.toThrow('--brokers does not fit');
    expect(rest).toEqual(['']);
  });
});

it.each(['', 'A', '1a', 'a-', 'a b', '../x', 'x'.repeat(41)])('%j is no name', (name) => {
  expect(stackName(name, [])).toBeDefined();
});

describe('npm run new', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-new-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const script = join(repositoryRoot, 'scripts', 'new.ts');
  const file = (stack: string): string => join(folder, `Pulumi.${stack}.yaml`);

  /** Runs a command line with these lines on its standard input. */
  async function run(command: string, args: readonly string[], input = '') {
    const env = { ...process.env, RABBITMQ_HA_KIT_STACKS: folder };
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const closed = once(child, 'close') as Promise<[number]>;
    child.stdin.end(input);
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { code, out, err };
  }
  const runNew = (...args: string[]) => run(process.execPath, [script, ...args]);

  it('writes a file that loads, and never over another one', async () => {
    const first = await runNew('orders', '--topology', 'quorum-cluster', '--brokers', '5');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toContain('npm run up -- --stack orders');
    const before = readFileSync(file('orders'), 'utf8');
    const { config } = parse(before) as { config: Record<string, unknown> };
    const loaded = loadEnvironment(config['rabbitmq-ha-kit:environment'], undefined, 'orders');
    expect(loaded.quorumCluster.brokers).toBe(5);

    const second = await runNew('orders', '--topology', 'warren');
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toContain("the stack's name is taken: orders");
    expect(readFileSync(file('orders'), 'utf8')).toBe(before);

    const forced = await runNew('orders', '--topology', 'warren', '--force', '--json');
    expect(JSON.parse(forced.out)).toMatchObject({ environment: { topology: 'warren' } });
    expect(readFileSync(file('orders'), 'utf8')).not.toBe(before);
    expect(readdirSync(folder)).toEqual(['Pulumi.orders.yaml']);
  });

  it('asks nobody who is not there', async () => {
    expect(await runNew('orders')).toMatchObject({ code: 2, out: '' });
    expect(await runNew('--topology', 'warren')).toMatchObject({ code: 2, out: '' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('asks at a terminal, also what was typed ahead', async () => {
    const command = `${process.execPath} ${script}`;
    const answers = ['', 'warren', '', '2GiB', 'pair', ''].join('\n');
    const { out } = await run('script', ['-qec', command, '/dev/null'], answers);
    expect(out).toContain('How do the brokers stand to each other?');
    expect(out).toContain('wrote ');
    expect(readFileSync(file('pair'), 'utf8')).toContain('topology: warren');
    expect(readFileSync(file('pair'), 'utf8')).toContain('disk: 8GiB');
  });

  it('writes nothing when the input ends', async () => {
    const command = `${process.execPath} ${script}`;
    const { code, out } = await run('script', ['-qec', command, '/dev/null'], '\n\u0004');
    expect({ code, out }).toMatchObject({ code: 1 });
    expect(out).toContain('nothing was written');
    expect(readdirSync(folder)).toEqual([]);
  });
});
