import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/sbin/mq-drain';
const queues = JSON.stringify([
  { vhost: '/', name: 'orders' },
  { vhost: '/', name: 'bills' },
]);
let host: HostRoot;

/**
 * `shovels` and `messages` hold what is said of them, a line for each look; the last one stays. Each look
 * takes five seconds.
 */
beforeEach(() => {
  host = new HostRoot();
  host.program(`broker/${program}`);
  const next = (file: string) =>
    `head -n 1 "$ROOT/${file}"; [ "$(wc -l < "$ROOT/${file}")" -le 1 ] || sed -i 1d "$ROOT/${file}"`;
  host.put('clock', '1000\n');
  host.fake('date', 'cat "$ROOT/clock"');
  host.fake(
    'sleep',
    'echo $(($(cat "$ROOT/clock") + 5)) > "$ROOT/clock.new"; mv "$ROOT/clock.new" "$ROOT/clock"',
  );
  host.fake(
    'mq-shovel',
    `echo "$1 at $(cat "$ROOT/clock")" >> "$ROOT/asked"
case $1 in
  start) cat > "$ROOT/started" ;;
  stop) [ ! -e "$ROOT/started" ] || [ ! -e "$ROOT/after" ] || mv "$ROOT/after" "$ROOT/shovels" ;;
  running) ${next('shovels')} ;;
  held) ${next('messages')} ;;
esac`,
  );
  host.fake('rabbitmqctl', 'echo "orders starting"');
});
afterEach(() => {
  host.remove();
});

const drain = () => host.run(program, ['10.0.0.1'], queues);
const looks = (file: string, ...said: readonly (number | string)[]) => {
  host.put(file, said.map((one) => `${one}\n`).join(''));
};
const changes = () => host.lines('asked').filter((line) => !/^(running|held)/.test(line));

describe('mq-drain', () => {
  it('lets shovels be while anything moves, however long that takes', () => {
    looks('shovels', 2, ...Array<number>(40).fill(1), 0);
    looks(
      'messages',
      ...Array.from({ length: 21 }, (_, i) => Array<number>(2).fill(900 - i)).flat(),
      0,
    );
    expect(drain()).toMatchObject({
      code: 0,
      stdout: 'moved 2 queues from 10.0.0.1\n',
      stderr: '',
    });
    expect(changes()).toEqual(['stop at 1000', 'start at 1000']);
  });

  it('has shovels that wait for nothing begin anew', () => {
    looks('shovels', 1);
    looks('messages', '1329 0');
    host.put('after', '2\n1\n0\n');
    const { code, stderr } = drain();
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'mq-drain: no progress from 10.0.0.1 for 15 s: 1 shovels begin anew\n',
    });
    expect(changes()).toEqual([
      ...['stop at 1000', 'start at 1000'],
      ...['stop at 1015', 'start at 1015'],
    ]);
    expect(host.read('started')).toBe(queues);
  });

  it.each([
    ['holds what it held', '1329 0', '1329', 3],
    // These would be given back, and a message that is given back too often is dropped.
    ['has messages under way', '1329 500', '1329', 0],
    ['does not answer', '', 'unknown', 0],
  ])(
    'gives up after a minute where the other broker %s, and says what is left',
    (_, held, said, renewals) => {
      looks('shovels', 1);
      looks('messages', held);
      const { code, stderr } = drain();
      expect(code).toBe(1);
      expect(stderr).toContain(`no progress from 10.0.0.1 for 60 s; it holds ${said} messages\n`);
      expect(stderr).toContain('1 shovels stay at work: orders starting');
      expect(changes().filter((line) => line.startsWith('stop'))).toHaveLength(1 + renewals);
    },
  );
});
