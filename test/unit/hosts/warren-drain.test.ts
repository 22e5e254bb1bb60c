import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../../infra/paths.ts';
import { HostRoot } from '../../lib/host-root.ts';

const lib = 'usr/local/lib/rabbitmq-ha-kit';
const program = `${lib}/warren-drain`;
let host: HostRoot;

/** Each turn takes five seconds; `turns` is how many there are. */
beforeEach(() => {
  host = new HostRoot();
  host.program(`warren/${program}`);
  const definitions = join(repositoryRoot, 'templates/broker', lib, 'definitions.jq');
  host.put(`${lib}/definitions.jq`, readFileSync(definitions, 'utf8'));
  host.put('run/rabbitmq-ha-kit/.here', '');
  host.put('data/.here', '');
  host.put('etc/rabbitmq-ha-kit/broker.env', `DATA='${host.path}/data'\n`);
  host.put(
    'etc/rabbitmq-ha-kit/warren.env',
    "PEER_HOST='rabbit-b'\nPEER_ADDRESS='10.77.16.202'\nDRAIN_INTERVAL='5'\nDRAIN_QUIET='10'\nDRAIN_PREFETCH='100'\n",
  );
  host.put('clock', '1000\n');
  host.fake('date', 'cat "$ROOT/clock"');
  host.fake(
    'sleep',
    `turns=$(($(cat "$ROOT/turns") - 1)); echo "$turns" > "$ROOT/turns"; [ "$turns" -ge 0 ] || exit 1
echo $(($(cat "$ROOT/clock") + 5)) > "$ROOT/clock.new"; mv "$ROOT/clock.new" "$ROOT/clock"`,
  );
  host.put('connections', '[]');
  host.put('queues', JSON.stringify([queue('orders')]));
  host.fake(
    'mq-api',
    `case $2 in
  /api/queues) cat "$ROOT/queues" ;;
  /api/connections) cat "$ROOT/connections" ;;
  *) echo '{}' ;;
esac`,
  );
  host.put('held', '7 0');
  host.fake(
    'mq-shovel',
    `case $1 in
  start) jq -r '"start " + (map(.name) | join(" "))' >> "$ROOT/asked"; echo 1 > "$ROOT/shovels" ;;
  stop) echo stop >> "$ROOT/asked" ;;
  running) cat "$ROOT/shovels" ;;
  held) cat "$ROOT/held" ;;
esac`,
  );
});
afterEach(() => {
  host.remove();
});

const queue = (name: string, more: object = {}): object => ({
  vhost: '/',
  name,
  type: 'quorum',
  exclusive: false,
  messages: 7,
  arguments: {},
  ...more,
});

/** @returns what was asked of shovels after the clean-up of the start */
function run(turns: number): { readonly asked: string[]; readonly said: string[] } {
  host.put('turns', `${turns}\n`);
  const { code, stdout, stderr } = host.run(program);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [first, ...asked] = host.lines('asked');
  expect(first).toBe('stop');
  return { asked, said: stdout.split('\n').filter(Boolean) };
}

describe('warren-drain', () => {
  it('moves what the standby holds, once no client has been there for a while', () => {
    const { asked, said } = run(4);
    expect(asked).toEqual(['start orders']);
    expect(said).toEqual(['moving 7 messages from rabbit-b: queue orders in virtual host /']);
  });

  it('takes its own shovels for no clients', () => {
    host.put('connections', '[{"user_provided_name":"Shovel mq-shovel x"}]');
    expect(run(4).asked).toEqual(['start orders']);
  });

  it('does nothing while clients are connected', () => {
    host.put('connections', '[{"user_provided_name":"orders-service"},{}]');
    expect(run(6).asked.filter((line) => line !== 'stop')).toEqual([]);
  });

  it('leaves queues whose messages cannot be moved without a loss', () => {
    host.put(
      'queues',
      JSON.stringify([
        queue('log', { type: 'stream' }),
        queue('reply', { exclusive: true }),
        queue('empty', { messages: 0 }),
        queue('full', { arguments: { 'x-overflow': 'reject-publish' } }),
        queue('full-dlx', { arguments: { 'x-overflow': 'reject-publish-dlx' } }),
        queue('by-policy', { effective_policy_definition: { overflow: 'reject-publish' } }),
        queue('drops', { arguments: { 'x-overflow': 'drop-head' } }),
        queue('plain', { effective_policy_definition: [] }),
      ]),
    );
    expect(run(4).asked).toEqual(['start drops plain']);
  });

  it('has shovels begin anew that move nothing, while nothing is under way', () => {
    const { asked, said } = run(9);
    expect(asked).toEqual(['start orders', 'stop', 'start orders']);
    expect(said).toContain('stopped moving: nothing moved for 15 s; shovels begin anew');
  });

  it('lets shovels be that have messages under way', () => {
    host.put('held', '7 3');
    expect(run(9).asked).toEqual(['start orders']);
  });
});
