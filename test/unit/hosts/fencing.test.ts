import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

let host: HostRoot;
beforeEach(() => {
  host = new HostRoot();
});
afterEach(() => {
  host.remove();
});

describe('fence-peer', () => {
  const program = 'usr/local/lib/rabbitmq-ha-kit/fence-peer';
  /** What the packaged handler does with the cluster: it reads it, and notes that the copy is old. */
  beforeEach(() => {
    host.program(`drbd-pacemaker/${program}`);
    host.put(
      'usr/lib/drbd/crm-fence-peer.sh',
      '#!/bin/bash\necho "$*"\ncibadmin -Ql\ncibadmin -C -o constraints || exit 1\nexit 4\n',
      0o755,
    );
  });
  const answers = (query: string, create = ''): void => {
    host.fake('cibadmin', `if [ "$1" = -C ]; then ${create || ':'}; else echo '${query}'; fi`);
  };

  it('says in words what Pacemaker says in times, and keeps the code of the handler', () => {
    answers('<node_state uname="drbd-b" in_ccm="1763" crmd="0" join="member"/>');
    const { code, stdout } = host.run(program);
    expect(code).toBe(4);
    expect(stdout).toContain('--role=Promoted --timeout=');
    expect(stdout).toContain('in_ccm="true" crmd="offline" join="member"');
  });

  it('has the handler wait as long as it takes: one that gives up has DRBD write on', () => {
    answers('<cib/>');
    const { stdout } = host.run(program);
    const waits = [...stdout.matchAll(/timeout=(\d+)/g)].map(([, seconds]) => Number(seconds));
    expect(waits).toHaveLength(2);
    for (const seconds of waits) expect(seconds).toBeGreaterThan(30 * 24 * 3600);
  });

  it('lets the handler know that the note could not be made', () => {
    answers('<cib/>', 'echo "No DC" >&2; exit 62');
    expect(host.run(program).code).toBe(1);
  });
});

describe('fence_rig', () => {
  const program = 'usr/sbin/fence_rig';
  /** Both ends of the line are one file here: a question is followed by its answer. */
  const asked = (action: string, answer: string) => {
    host.program(`drbd-pacemaker/${program}`);
    host.put('run/rabbitmq-ha-kit/secrets/power-password', 'secret');
    host.fake('date', 'echo 7');
    const text = host.read(program).replace('/dev/virtio-ports/power', `${host.path}/port`);
    // Pacemaker's agent holds a lock while it asks.
    const answering = text
      .replace('exec 3<> "$port"', 'exec 3> /dev/null')
      .replace('done\n  case $answer', 'done 3< "$port"\n  case $answer')
      .replace(/question=.*/, 'question=1');
    expect(answering).not.toBe(text);
    host.put(program, `export FENCE_RIG_LOCKED=yes\n${answering}`, 0o755);
    host.put('port', answer === '' ? '' : `0 dead\n1 ${answer}\n`);
    return host.run(program, ['--action', action, '--plug', 'drbd-b']).code;
  };

  it.each([
    ['status', 'on', 0],
    ['status', 'off', 2],
    ['status', '', 1],
    ['status', 'error: mq has no host drbd-b', 1],
    ['off', 'dead', 0],
    ['off', '', 1],
    ['off', 'error: drbd-b still runs', 1],
    ['monitor', 'ok', 0],
    ['monitor', '', 1],
  ])('%s with the answer %o ends with %i', (action, answer, code) => {
    expect(asked(action, answer)).toBe(code);
  });
});
