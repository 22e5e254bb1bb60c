import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

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
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  for (const [program, folder] of Object.entries(programs)) {
    host.program(`${folder}/${lib}/${program}`);
  }
  host.put('etc/rabbitmq-ha-kit/broker.env', `DATA=${host.path}/data\n`);
  host.fake('socat', 'host=${4#TCP4:}; cat $ROOT/said/${host%%:*}');
  host.fake(
    'mq-api',
    'cat "$ROOT/api/$MQ_API_HOST$(dirname "${2%%[?]*}")/$(basename "${2%%[?]*}")"',
  );
  for (const tool of ['rabbitmqctl', 'rabbitmq-queues']) {
    host.fake(tool, `echo "${tool} $*" >> $ROOT/told; sh $ROOT/when-told`);
  }
  // One that waits would wait for ever: what is to happen meanwhile happens at its first pause.
  host.fake('sleep', 'sh $ROOT/meanwhile && rm $ROOT/meanwhile');
  mkdirSync(join(host.path, 'data'));
});

afterEach(() => {
  host.remove();
});

const says = (peer: string, word: 'new' | 'member'): void => {
  host.put(join('said', peer), `${word}\n`);
};

/** @param members of the cluster, as the peer counts them */
function serves(peer: string, members: readonly string[], queues: readonly object[] = []): void {
  host.put(`api/${peer}/api/nodes`, JSON.stringify(members.map((name) => ({ name }))));
  host.put(`api/${peer}/api/vhosts`, '[]');
  host.put(`api/${peer}/api/queues`, JSON.stringify(queues));
}

function run(program: Program, { founder = false, argv = [] as readonly string[] } = {}) {
  const env = `NODE=${node}\nPEERS='two three'\nMEMBERSHIP_PORT=1\nFOUNDER=${founder ? 'yes' : 'no'}\n`;
  host.put('etc/rabbitmq-ha-kit/cluster.env', env);
  const { code, stdout } = host.run(join(lib, program), argv);
  return { begins: code === 0, said: stdout };
}

const told = (): string[] => host.lines('told');

describe('what a host says of its data', () => {
  const tell = (): string => run('cluster-membership', { argv: ['tell'] }).said.trim();
  it('is new without data, and until the broker that made it serves', () => {
    expect(tell()).toBe('new');
    run('cluster-membership', { argv: ['begin'] });
    mkdirSync(join(host.path, 'data/mnesia', node), { recursive: true });
    expect(tell()).toBe('new');
    run('cluster-membership', { argv: ['joined'] });
    expect(tell()).toBe('member');
  });
});

describe('what a first start that was cut short left', () => {
  const store = `data/mnesia/${node}`;
  beforeEach(() => {
    host.put('data/first-start', '');
    host.put(`${store}/rabbit_serial`, '');
    host.put(`${store}/quorum/${node}/names.dets`, '');
    host.put(`${store}-feature_flags`, '');
  });

  it.each([
    { program: 'await-cluster', founder: true },
    { program: 'forget-lost-member', founder: false },
  ] as const)('$program has it removed before the broker begins anew', ({ program, founder }) => {
    says('two', 'new');
    says('three', 'new');
    const { begins, said } = run(program, { founder });
    expect(begins).toBe(true);
    expect(said).toContain('what it left is removed');
    expect(host.has(store)).toBe(false);
    expect(host.has(`${store}-feature_flags`)).toBe(false);
    expect(host.has('data/first-start')).toBe(true);
  });

  it.each([`quorum/${node}/2F_Q`, 'msg_stores/vhosts/X/queues/Q', 'stream/__q_1'])(
    'is kept when it holds a queue: %s',
    (queue) => {
      host.put(`${store}/${queue}/config`, '');
      expect(run('forget-lost-member').begins).toBe(true);
      expect(run('cluster-membership', { argv: ['tell'] }).said).toBe('member\n');
      const { begins, said } = run('cluster-membership', { argv: ['begin'] });
      expect({ begins, said, kept: host.has(`${store}/${queue}/config`) }).toEqual({
        begins: false,
        said: '',
        kept: true,
      });
    },
  );

  it('is forgotten by the cluster, then removed', () => {
    serves('two', [node, 'rabbit@two', 'rabbit@three']);
    host.put('when-told', `echo '[{"name": "rabbit@two"}]' > ${host.path}/api/two/api/nodes`);
    host.put('meanwhile', ':');
    expect(run('forget-lost-member').begins).toBe(true);
    expect(told()).toEqual([`rabbitmqctl --node rabbit@two forget_cluster_node ${node}`]);
    expect(host.has(`${store}/rabbit_serial`)).toBe(false);
  });

  it('is started with when the cluster cannot forget it: that may want for its vote', () => {
    serves('two', [node, 'rabbit@two']);
    host.put('when-told', 'echo no majority; exit 70');
    const { begins, said } = run('forget-lost-member');
    expect(begins).toBe(true);
    expect(said).toContain('goes on with what that left: no majority');
    expect(host.has(`${store}/rabbit_serial`)).toBe(true);
    expect(host.has('data/first-start')).toBe(false);
  });

  it('is started with when members wait for longer than a minute', () => {
    says('two', 'member');
    host.fake('sleep', 'echo 61 >> $ROOT/minutes');
    host.fake('date', 'wc -l < $ROOT/minutes | sed s/$/00/');
    host.put('minutes', '');
    const { begins, said } = run('forget-lost-member');
    expect(begins).toBe(true);
    expect(said).toContain('two has been in a cluster, three does not answer');
    expect(host.has(`${store}/rabbit_serial`)).toBe(true);
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
    expect(host.has('data/first-start')).toBe(false);
  });

  it('begins unasked when it is told to, once', () => {
    says('two', 'member');
    host.put('data/begin-unasked', '');
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
    host.put('meanwhile', `mv ${host.path}/later ${host.path}/api`);
    renameSync(join(host.path, 'api'), join(host.path, 'later'));
    host.put(
      'when-told',
      `echo '[{"name": "rabbit@two"}]' > ${host.path}/api/two/api/nodes
      echo : > ${host.path}/meanwhile`,
    );
    const { begins, said } = run('forget-lost-member');
    expect(begins).toBe(true);
    expect(said).toContain('waiting for the cluster: two has been in a cluster');
    expect(told()).toEqual([`rabbitmqctl --node rabbit@two forget_cluster_node ${node}`]);
  });

  it('does not begin when the cluster would not forget it', () => {
    serves('two', [node, ...peers]);
    host.put('when-told', 'echo no majority; exit 70');
    const { begins, said } = run('forget-lost-member');
    expect(begins).toBe(false);
    expect(said).toContain('no majority');
  });

  it('does not begin while a queue counts its empty copy, unless that could not decide', () => {
    const queue = (...members: string[]) => ({ type: 'quorum', members });
    host.put('when-told', '');
    serves('two', peers, [{ type: 'classic' }, queue(node, ...peers)]);
    expect(run('forget-lost-member').begins).toBe(false);
    expect(told()).toEqual([`rabbitmq-queues --node rabbit@two shrink ${node}`]);
    serves('two', peers, [queue(node, 'rabbit@two'), queue(...peers, 'rabbit@four')]);
    expect(run('forget-lost-member').begins).toBe(true);
  });
});
