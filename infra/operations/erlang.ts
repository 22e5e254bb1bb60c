import type { Channel } from './channel.ts';

/** Milliseconds; a leader that does not answer takes five seconds to be found silent. */
const timeoutMs = 60_000;

/** Which broker on a host evaluates, and what it may take. */
export interface Evaluator {
  readonly argv: readonly string[];
  /** Milliseconds. */
  readonly timeoutMs: number;
}

/** The broker that serves there. */
const running: Evaluator = { argv: ['/usr/local/sbin/mq-eval'], timeoutMs };

/**
 * Evaluates an Erlang expression in the broker on `host` (`mq-eval`, docs/host.md) and returns the
 * iodata that is its value. It comes back as base64, so that any bytes survive the way.
 * @throws when the broker does not answer, or the expression fails.
 */
export async function evaluate(
  channel: Channel,
  host: string,
  expression: string,
  by: Evaluator = running,
): Promise<string> {
  const input = `io:put_chars(["answer:", base64:encode(iolist_to_binary(begin\n${expression}\nend)), "\\n"]).\n`;
  const result = await channel.run(host, by.argv, { input, timeoutMs: by.timeoutMs });
  const encoded = /^answer:([A-Za-z0-9+/=]*)$/m.exec(result.stdout)?.[1];
  if (result.code === 0 && encoded !== undefined) return Buffer.from(encoded, 'base64').toString();
  const said = `${result.stderr}\n${result.stdout}`.trim().slice(-500);
  throw new Error(`Erlang on ${host} ended with ${result.code}: ${said}`);
}
