import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../../infra/paths.ts';

/**
 * What a broker does before it starts without data, with the other brokers' answers as files: the
 * programs themselves run, in a folder that stands for the host's root.
 */
const programs = {
  'cluster-membership': 'clustered',
  'await-cluster': 'mirrored-cluster',
  'forget-lost-member': 'quorum-cluster',
} as const;
type Program = keyof typeof programs;

const lib = 'usr/local/lib/rabbitmq-ha-kit';
const node = 'rabbit@one';
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-host-'));
  for (const [program, folder] of Object.entries(programs)) {
    const text = readFileSync(join(repositoryRoot, 'templates', folder, lib, program), 'utf8');
    put(join(lib, program), text.replaceAll(/(?<=[ =])\/(etc|usr)\//g, `${root}/$1/`), 0o755);
  }
  put('etc/rabbitmq-ha-kit/broker.env', `DATA=${root}/data\n`);
  stub('socat', `host=\${4#TCP4:}; cat ${root}/said/\${host%%:*}`);
  stub(
    'mq-api',
    `cat "${root}/api/$MQ_API_HOST$(dirname "\${2%%[?]*}")/$(basename "\${2%%[?]*}")"`,
  );
  for (const tool of ['rabbitmqctl', 'rabbitmq-queues']) {
    stub(tool, `echo "${tool} $*" >> ${root}/told; sh ${root}/when-told`);
  }
  // One that waits would wait for ever: what is to happen meanwhile happens at its first pause.
  stub('sleep', `sh ${root}/meanwhile && rm ${root}/meanwhile`);
  mkdirSync(join(root, 'data'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}

const stub = (name: string, script: string): void => {
  put(join('bin', name), `#!/bin/sh\n${script}\n`, 0o755);
};

const says = (host: string, word: 'new' | 'member'): void => {
  put(join('said', host), `${word}\n`);
};

/** @param members of the cluster, as the host counts them */
function serves(host: string, members: readonly string[], queues: readonly object[] = []): void {
  put(`api/${host}/api/nodes`, JSON.stringify(members.map((name) => ({ name }))));
  put(`api/${host}/api/vhosts`, '[]');
  put(`api/${host}/api/queues`, JSON.stringify(queues));
}

function run(program: Program, { founder = false, argv = [] as string[] } = {}) {
  const env = `NODE=${node}\nPEERS='two three'\nMEMBERSHIP_PORT=1\nFOUNDER=${founder ? 'yes' : 'no'}\n`;
  put('etc/rabbitmq-ha-kit/cluster.env', env);
  const { status, stdout } = spawnSync(join(root, lib, program), argv, {
    env: { ...process.env, PATH: `${root}/bin:${process.env['PATH'] ?? ''}` },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { begins: status === 0, said: stdout };
}

const told = (): string[] =>
  existsSync(join(root, 'told')) ? readFileSync(join(root, 'told'), 'utf8').trim().split('\n') : [];

describe('what a host says of its data', () => {
  const tell = (): string => run('cluster-membership', { argv: ['tell'] }).said.trim();
  it('is new without data, and until the broker that made it serves', () => {
    expect(tell()).toBe('new');
    run('cluster-membership', { argv: ['begin'] });
    mkdirSync(join(root, 'data/mnesia', node), { recursive: true });
    expect(tell()).toBe('new');
    run('cluster-membership', { argv: ['joined'] });
    expect(tell()).toBe('member');
  });
});

describe.each([
  { program: 'await-cluster', founder: true },
  { program: 'forget-lost-member', founder: false },
] as const)('$program without data', ({ program, founder }) => {
  it('begins when no other broker has been in a cluster', () => {
    says('two', 'new');
    says('three', 'new');
    expect(run(program, { founder })).toEqual({ begins: true, said: '' });
  });

  it('waits while another one has been, or does not say', () => {
    says('two', 'member');
    const { begins, said } = run(program, { founder });
    expect(begins).toBe(false);
    expect(said).toContain('two has been in a cluster, three does not answer');
    expect(existsSync(join(root, 'data/first-start'))).toBe(false);
  });

  it('begins unasked when it is told to, once', () => {
    says('two', 'member');
    put('data/begin-unasked', '');
    expect(run(program, { founder }).begins).toBe(true);
    expect(run(program, { founder }).begins).toBe(false);
  });
});

describe('await-cluster', () => {
  it('joins a cluster that serves, whatever is with the others', () => {
    says('two', 'member');
    serves('two', ['rabbit@two']);
    expect(run('await-cluster', { founder: true }).begins).toBe(true);
    expect(run('await-cluster').begins).toBe(true);
  });

  it('never begins alone unless it is the founder', () => {
    says('two', 'new');
    says('three', 'new');
    expect(run('await-cluster').begins).toBe(false);
  });
});

describe('forget-lost-member', () => {
  const peers = ['rabbit@two', 'rabbit@three'];

  it('waits for the cluster, has it forget the member, then begins', () => {
    says('two', 'member');
    says('three', 'member');
    serves('two', [node, ...peers]);
    put('meanwhile', `mv ${root}/later ${root}/api`);
    spawnSync('mv', [join(root, 'api'), join(root, 'later')]);
    put(
      'when-told',
      `echo '[{"name": "rabbit@two"}]' > ${root}/api/two/api/nodes
      echo : > ${root}/meanwhile`,
    );
    const { begins, said } = run('forget-lost-member');
    expect(begins).toBe(true);
    expect(said).toContain('waiting for the cluster: two has been in a cluster');
    expect(told()).toEqual([`rabbitmqctl --node rabbit@two forget_cluster_node ${node}`]);
  });

  it('does not begin when the cluster would not forget it', () => {
    serves('two', [node, ...peers]);
    put('when-told', 'echo no majority; exit 70');
    const { begins, said } = run('forget-lost-member');
    expect(begins).toBe(false);
    expect(said).toContain('no majority');
  });

  it('does not begin while a queue counts its empty copy, unless that could not decide', () => {
    const queue = (...members: string[]) => ({ type: 'quorum', members });
    put('when-told', '');
    serves('two', peers, [{ type: 'classic' }, queue(node, ...peers)]);
    expect(run('forget-lost-member').begins).toBe(false);
    expect(told()).toEqual([`rabbitmq-queues --node rabbit@two shrink ${node}`]);
    serves('two', peers, [queue(node, 'rabbit@two'), queue(...peers, 'rabbit@four')]);
    expect(run('forget-lost-member').begins).toBe(true);
  });
});
