import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const lib = 'usr/local/lib/rabbitmq-ha-kit';
const program = `${lib}/move-virtual-address`;
const address = '10.255.255.10';
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`aws/${program}`);
  host.put('run/rabbitmq-ha-kit/.here', '');
  host.put('etc/rabbitmq-ha-kit/host.env', "ADDRESS='10.77.28.11'\n");
  moves('overlay');
  host.fake('ip', `[ ! -e "$ROOT/held" ] || echo "1: lo inet $6"`);
  host.fake('logger', 'shift 3; echo "$*" >> "$ROOT/log"');
  host.fake('sleep', `[ ! -e "$ROOT/lost-meanwhile" ] || rm -f "$ROOT/held"`);
  host.put(
    `${lib}/metadata`,
    `#!/bin/sh\nfor entry; do
  case $entry in
    *:route-tables) echo 'rtb-1 rtb-2' ;;
    *:interface) echo eni-1 ;;
    *:address-allocation) echo eipalloc-1 ;;
  esac
done\n`,
    0o755,
  );
  host.fake(
    'aws',
    `while [ "$1" != "\${1#--}" ]; do shift 2; done
shift; while [ "$1" != "\${1#--}" ]; do shift 2; done
echo "$*" >> "$ROOT/calls"
case $1 in describe-*) cat "$ROOT/found" ;; esac
[ ! -s "$ROOT/refusals" ] || { head -n 1 "$ROOT/refusals" >&2; sed -i 1d "$ROOT/refusals"; exit 254; }`,
  );
});
afterEach(() => {
  host.remove();
});

/** What EC2 says of an address that leads here. */
const found: Readonly<Record<string, string>> = {
  overlay: '2',
  'secondary-ip': '1',
  'elastic-ip': 'eni-1',
};

function moves(mechanism: string, givesWay = false): void {
  host.put('found', `${found[mechanism] ?? ''}\n`);
  host.put(
    'etc/rabbitmq-ha-kit/target.env',
    `VIRTUAL_ADDRESS_MECHANISM='${mechanism}'\nVIRTUAL_ADDRESS='${address}'\n` +
      `VIRTUAL_ADDRESS_PEER='10.77.28.12'\nVIRTUAL_ADDRESS_GIVES_WAY='${givesWay}'\n`,
  );
}
const held = (): void => {
  host.put('held', '');
};
const calls = (): string[] => host.lines('calls').sort();
/** Without those that only look. */
const changes = (): string[] => calls().filter((call) => !call.startsWith('describe'));

describe('move-virtual-address', () => {
  it('leads every table to the own interface', () => {
    held();
    expect(host.run(program).code).toBe(0);
    expect(changes()).toEqual(
      ['rtb-1', 'rtb-2'].map(
        (table) =>
          `replace-route --route-table-id ${table} --destination-cidr-block ${address}/32 --network-interface-id eni-1`,
      ),
    );
    expect(host.lines('log')).toEqual([`${address} leads here`]);
  });

  it.each([
    [
      'secondary-ip',
      `assign-private-ip-addresses --network-interface-id eni-1 --private-ip-addresses ${address} --allow-reassignment`,
    ],
    [
      'elastic-ip',
      'associate-address --allocation-id eipalloc-1 --network-interface-id eni-1 --private-ip-address 10.77.28.11 --allow-reassociation',
    ],
  ])('as %s', (mechanism, call) => {
    moves(mechanism);
    held();
    expect(host.run(program).code).toBe(0);
    expect(changes()).toEqual([call]);
  });

  it.each([
    ['it still leads here', '1', ['assign', 'describe']],
    ['what the former holder had sent came later', '0', ['assign', 'describe', 'assign']],
  ])('looks again after a while: %s', (_, seen, done) => {
    moves('secondary-ip');
    held();
    host.fake('sleep', 'echo "$1" >> "$ROOT/slept"');
    host.put('found', `${seen}\n`);
    expect(host.run(program).code).toBe(0);
    expect(host.lines('slept')).toEqual(['3']);
    expect(host.lines('calls').map((call) => call.split('-')[0])).toEqual(done);
  });

  it('moves once for all who come while one waits for its turn', () => {
    moves('secondary-ip');
    held();
    host.fake('aws', 'echo "$*" >> "$ROOT/asked"; /bin/sleep 0.5; echo 1');
    host.put('together', '#!/bin/sh\nfor _ in 1 2 3 4 5 6 7 8; do "$1" & done; wait\n', 0o755);
    expect(host.run('together', [join(host.path, program)]).code).toBe(0);
    const moved = host.lines('asked').filter((call) => call.includes('assign-'));
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.length).toBeLessThanOrEqual(3);
  });

  it('does nothing where the address is not held', () => {
    expect(host.run(program).code).toBe(0);
    expect(calls()).toEqual([]);
    expect(host.read('log')).toContain('is not held here any more: nothing is moved');
  });

  it('tries again when the API refuses', () => {
    moves('secondary-ip');
    held();
    host.put('refusals', 'RequestLimitExceeded\n');
    expect(host.run(program).code).toBe(0);
    expect(host.lines('log')).toEqual([
      'not moved yet: RequestLimitExceeded',
      `${address} leads here`,
    ]);
  });

  it('ends when the peer has taken over meanwhile', () => {
    held();
    host.put('lost-meanwhile', '');
    host.put('refusals', 'RequestLimitExceeded\n'.repeat(100));
    expect(host.run(program).code).toBe(0);
    expect(host.lines('log').at(-1)).toBe(`${address} is not held here any more: nothing is moved`);
    expect(changes()).toHaveLength(2);
  });

  it('gives up after a minute, and says what AWS said', () => {
    moves('secondary-ip');
    held();
    host.fake('date', 'echo x >> "$ROOT/asked"; echo $(($(wc -l < "$ROOT/asked") * 25))');
    host.put('refusals', 'UnauthorizedOperation\n'.repeat(100));
    expect(host.run(program).code).toBe(1);
    expect(host.lines('log').at(-1)).toContain(
      `${address} could not be moved here: UnauthorizedOperation`,
    );
  });

  describe('confirm', () => {
    it.each([
      ['overlay', '2'],
      ['secondary-ip', '1'],
      ['elastic-ip', 'eni-1'],
    ])('changes nothing where it leads here: %s', (mechanism, found) => {
      moves(mechanism);
      held();
      host.put('found', `${found}\n`);
      expect(host.run(program, ['confirm']).code).toBe(0);
      expect(calls().map((call) => call.split('-')[0])).toEqual(['describe']);
      expect(host.has('log')).toBe(false);
    });

    it.each([
      ['overlay', '1'],
      ['secondary-ip', '0'],
      ['elastic-ip', 'eni-2'],
    ])('moves it where it leads elsewhere: %s', (mechanism, found) => {
      moves(mechanism);
      held();
      host.put('found', `${found}\n`);
      expect(host.run(program, ['confirm']).code).toBe(0);
      expect(calls().length).toBeGreaterThan(1);
      expect(host.lines('log')).toEqual([
        `${address} is held here, but leads elsewhere`,
        `${address} leads here`,
      ]);
    });

    describe('of two that do not hear each other', () => {
      const run = (...args: string[]): string[] => {
        host.put('calls', '');
        host.put('found', 'eni-2\n');
        expect(host.run(program, args).code).toBe(0);
        return host.lines('calls').map((call) => call.split('-')[0] ?? '');
      };
      const confirm = (): string[] => run('confirm').sort();
      beforeEach(() => {
        held();
        host.fake('ping', '[ ! -e "$ROOT/peer-dead" ]');
      });

      it('the one with the higher priority always takes it back', () => {
        moves('elastic-ip');
        expect(confirm()).toEqual(['associate', 'describe']);
        expect(confirm()).toEqual(['associate', 'describe']);
      });

      it('the other one takes it back once, then leaves it as long as the peer lives', () => {
        moves('elastic-ip', true);
        expect(confirm()).toEqual(['associate', 'describe']);
        expect(confirm()).toEqual(['describe']);
        expect(host.lines('log').at(-1)).toContain('10.77.28.12 lives and keeps it');
        host.put('peer-dead', '');
        expect(confirm()).toEqual(['associate', 'describe']);
      });

      it('Keepalived always has its way, and the look after it', () => {
        moves('elastic-ip', true);
        confirm();
        expect(run()).toEqual(['associate', 'describe', 'associate']);
        expect(confirm()).toEqual(['describe']);
      });
    });

    it('only looks on a host that does not hold it, and says what keeps it from the API', () => {
      host.put('found', '0\n');
      host.put('refusals', 'UnauthorizedOperation\n');
      const { code, stderr } = host.run(program, ['confirm']);
      expect(code).toBe(0);
      expect(stderr).toContain('UnauthorizedOperation');
      expect(calls().map((call) => call.split('-')[0])).toEqual(['describe']);
      expect(host.has('log')).toBe(false);
    });
  });
});
