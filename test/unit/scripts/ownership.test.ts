import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Channel, RunResult } from '../../../infra/operations/channel.ts';

const base = vi.hoisted(() => {
  const folder = `${process.env['TMPDIR'] ?? '/tmp'}/rabbitmq-ha-kit-unit-ownership-${process.pid}`;
  process.env['RABBITMQ_HA_KIT_STATE'] = `${folder}/state`;
  process.env['RABBITMQ_HA_KIT_DISKS'] = `${folder}/disks`;
  delete process.env['PULUMI_BACKEND_URL'];
  return folder;
});
const ownership = await import('../../../scripts/lib/ownership.ts');
const operations = await import('../../../scripts/lib/stack-operations.ts');
const { createProgress } = await import('../../../scripts/lib/progress.ts');

const stack = 'unit';
const context = {
  stack,
  toolDir: '/nowhere',
  progress: createProgress({ write: () => undefined, columns: () => undefined, now: () => 0 }),
  takeSignals: () => () => undefined,
};
const clear = (): void => {
  rmSync(base, { recursive: true, force: true });
  vi.unstubAllEnvs();
};
beforeEach(clear);
afterAll(clear);

function write(path: string, text = ''): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const stateFile = join(base, 'state/backend/.pulumi/stacks/rabbitmq-ha-kit', `${stack}.json`);

describe('a stack that the backend does not know', () => {
  test('may come and go where nothing of it is', () => {
    ownership.refuseStranger(stack, 'up');
    write(join(base, 'disks/other/volumes/broker-1.ext4'));
    ownership.refuseStranger(stack, 'down');
  });

  test.each(['hosts/broker-1/host.json', 'volumes/broker-1.ext4'])(
    'is refused where %s is',
    (part) => {
      write(join(base, 'disks', stack, part));
      expect(() => {
        ownership.refuseStranger(stack, 'up');
      }).toThrow(/looked in file:.*state\/backend; found .*broker-1.* in .*disks\/unit/);
      expect(existsSync(join(base, 'disks', stack, part))).toBe(true);
    },
  );

  test('shows no password of the backend', () => {
    vi.stubEnv('PULUMI_BACKEND_URL', 'postgres://me:secret@db/pulumi');
    write(join(base, 'disks', stack, 'hosts/broker-1/host.json'));
    expect(() => {
      ownership.refuseStranger(stack, 'down');
    }).toThrow(/^(?!.*secret).*postgres:\/\/db\/pulumi/s);
  });
});

describe('a stack without a service in its state', () => {
  /** One broker that answers every question with what its queues hold, or none. */
  const channel = (messages: number | null | undefined): Channel => ({
    hosts: () =>
      Promise.resolve([
        {
          name: 'broker-1',
          state: 'running' as const,
          zone: 'a',
          address: '192.0.2.1',
          labels: { roles: 'broker' },
        },
      ]),
    run: (_host, _argv, { input = '' } = {}): Promise<RunResult> => {
      if (messages === undefined) return Promise.resolve({ code: 69, stdout: '', stderr: 'down' });
      const queues = [{ vhost: '/', name: 'orders', messages, stream: false }];
      const counts = `answer:${Buffer.from(JSON.stringify(queues)).toString('base64')}\n`;
      const isCount = input.includes('rabbit_amqqueue:list()');
      return Promise.resolve({ code: 0, stdout: isCount ? counts : '[]', stderr: '' });
    },
  });

  test('goes where no broker answers', async () => {
    await ownership.refuseHeldMessages(channel(undefined));
  });

  test('stays where a live broker holds messages', async () => {
    await expect(ownership.refuseHeldMessages(channel(3))).rejects.toThrow(
      'would lose messages: 3 in 1 queue',
    );
  });

  test('stays where a broker runs and a queue does not tell what it holds', async () => {
    await expect(ownership.refuseHeldMessages(channel(null))).rejects.toThrow(
      'nobody knows which messages',
    );
  });

  test('stays where a host runs that cannot be asked', async () => {
    const silent: Channel = {
      ...channel(undefined),
      run: () => Promise.reject(new Error('no tunnel to i-1')),
    };
    await expect(ownership.refuseHeldMessages(silent)).rejects.toMatchObject({
      message: expect.stringContaining('host broker-1 runs') as string,
      parts: { fix: expect.stringContaining('--discard-messages') as string },
      cause: { message: 'no tunnel to i-1' },
    });
  });

  test('goes where a live broker holds nothing', async () => {
    await ownership.refuseHeldMessages(channel(0));
  });

  test('is told from one with a service', async () => {
    const resource = { urn: 'urn:pulumi:unit::rabbitmq-ha-kit::x::y', type: 'rig:index:Host' };
    write(stateFile, JSON.stringify({ checkpoint: { latest: { resources: [resource] } } }));
    expect(await operations.serviceExists(context)).toBe(false);
    const service = { ...resource, type: 'rig:rabbitmq:Service' };
    write(stateFile, JSON.stringify({ checkpoint: { latest: { resources: [service] } } }, null, 4));
    expect(await operations.serviceExists(context)).toBe(true);
  });
});

describe('a down that has begun', () => {
  test('is remembered until it ends, for the same backend only', async () => {
    expect(await ownership.isDeparting(stack)).toBe(false);
    await ownership.beginDeparture(stack);
    expect(await ownership.isDeparting(stack)).toBe(true);
    vi.stubEnv('PULUMI_BACKEND_URL', 'file:///elsewhere');
    expect(await ownership.isDeparting(stack)).toBe(false);
    vi.unstubAllEnvs();
    await ownership.endDeparture(stack);
    expect(await ownership.isDeparting(stack)).toBe(false);
  });
});

test('a forgotten stack leaves no copies of definitions, other stacks keep theirs', async () => {
  const copies = join(base, 'state/definitions');
  write(join(copies, `${stack}-2026-01-02T03-04-05.678Z.json`));
  write(join(copies, `${stack}-two-2026-01-02T03-04-05.678Z.json`));
  await operations.forgetStack(context);
  expect(readdirSync(copies)).toEqual([`${stack}-two-2026-01-02T03-04-05.678Z.json`]);
});
