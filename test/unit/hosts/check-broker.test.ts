import { afterEach, beforeEach, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/lib/rabbitmq-ha-kit/check-broker';
const asked = (seconds: string): string[] => [
  ...['http', 'broker-1.mq.internal', '10.77.4.11', '5672', '15672', seconds],
];
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`director/${program}`);
  host.fake('socat', 'echo "socat $*" >> "$ROOT/asked"');
  host.fake('curl', 'echo "curl $*" >> "$ROOT/asked"');
});
afterEach(() => {
  host.remove();
});

it('wants the port open and the program behind it alive', () => {
  expect(host.run(program, asked('10'))).toMatchObject({ code: 0, stderr: '' });
  const [port, answer] = host.lines('asked');
  expect(port).toContain('TCP4:10.77.4.11:5672');
  expect(answer).toContain('http://broker-1.mq.internal:15672/favicon.ico');
  host.fake('curl', 'exit 7');
  expect(host.run(program, asked('10')).code).toBe(7);
});

it('takes no longer than it was given, for all of it', () => {
  host.fake('socat', 'exec sleep 20');
  expect(host.run(program, asked('0.2')).code).toBe(124);
});
