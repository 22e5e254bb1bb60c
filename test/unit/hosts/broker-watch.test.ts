import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/lib/rabbitmq-ha-kit/broker-watch';
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`drbd-pacemaker/${program}`);
  host.put(
    'etc/rabbitmq-ha-kit/broker.env',
    "MANAGEMENT_SCHEME='https'\nMANAGEMENT_PORT='15671'\n",
  );
  host.put('etc/rabbitmq-ha-kit/drbd.env', "VIRTUAL_ADDRESS='10.77.16.10'\n");
  // Its unit is stopped when no answers are left to give.
  host.fake('sleep', '[ -s "$ROOT/answers" ]');
  host.fake(
    'curl',
    `echo "$*" >> "$ROOT/asked"
answer=$(head -n 1 "$ROOT/answers"); sed -i 1d "$ROOT/answers"; [ "$answer" = yes ]`,
  );
  disk('r-----');
  host.fake('systemctl', 'echo "$*" >> "$ROOT/done"');
});
afterEach(() => {
  host.remove();
});

/** @param flags of DRBD; the first is `s` while it holds writes */
function disk(flags: string): void {
  host.put(
    'proc/drbd',
    `version: 8.4.11 (api:1/proto:86-101)
 0: cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C ${flags}
    ns:3 nr:0 dw:5 dr:7 al:1 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0
`,
  );
}

function watch(...answers: readonly ('yes' | 'no')[]): string[] {
  host.put('answers', answers.map((one) => `${one}\n`).join(''));
  expect(host.run(program).code).toBe(0);
  return host.lines('done');
}

describe('broker-watch', () => {
  it('ends a broker that has not answered twice in a row', () => {
    expect(watch('yes', 'no', 'no', 'yes')).toEqual(['kill --signal=KILL rabbitmq-server.service']);
    // What comes then is the cluster manager's.
    expect(host.lines('asked')).toHaveLength(3);
  });

  it('lets one be that pauses', () => {
    expect(watch('no', 'yes', 'no', 'yes')).toEqual([]);
    expect(host.lines('asked')).toHaveLength(4);
  });

  it('lets one be whose writes DRBD holds until the other host is dead', () => {
    disk('s-----');
    expect(watch('no', 'no', 'no')).toEqual([]);
    expect(host.lines('asked')).toHaveLength(3);
  });

  it('asks where clients are answered, without a login', () => {
    watch('yes');
    expect(host.lines('asked')[0]).toContain('https://10.77.16.10:15671/favicon.ico');
    expect(host.lines('asked')[0]).not.toContain('--user');
  });
});
