import type { Channel } from '../channel.ts';
import { evaluate } from '../erlang.ts';

/**
 * Value of an Erlang expression on a broker. In it, `Given` is the input as rabbit_json decodes it; its
 * value must be something that rabbit_json can encode. Any name survives the way.
 * @throws when the broker does not answer or the expression fails
 */
export async function evaluateJson<T>(
  channel: Channel,
  host: string,
  expression: string,
  given: unknown,
): Promise<T> {
  const input = Buffer.from(JSON.stringify(given)).toString('base64');
  const whole = [
    `Given = rabbit_json:decode(base64:decode(<<"${input}">>)),`,
    `Value = begin ${expression} end,`,
    'rabbit_json:encode(Value)',
  ].join('\n');
  return JSON.parse(await evaluate(channel, host, whole)) as T;
}
