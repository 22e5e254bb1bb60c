import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../../infra/operations/channel.ts';
import { evaluate } from '../../../infra/operations/erlang.ts';

const answering = (result: Partial<RunResult>) => ({
  hosts: () => Promise.resolve([]),
  run: () => Promise.resolve({ code: 0, stdout: '', stderr: '', ...result }),
});
const inBase64 = (text: string): string => Buffer.from(text).toString('base64');

describe('an expression evaluated in a broker', () => {
  it('gives its value back whatever bytes are in it', async () => {
    const value = 'Bestellungen\n→ {ok, "x"}';
    // As erl_call and rabbitmqctl print it: what the expression printed, then the value of the print.
    for (const last of ['{ok, ok}', 'ok\n']) {
      const channel = answering({ stdout: `answer:${inBase64(value)}\n${last}` });
      await expect(evaluate(channel, 'broker-1', 'any')).resolves.toBe(value);
    }
  });

  it('that crashed is an error, although the program that asked ends with 0', async () => {
    const channel = answering({ stdout: '{error, {undef, []}}' });
    await expect(evaluate(channel, 'broker-1', 'foo:bar()')).rejects.toThrow(
      'Erlang on broker-1 ended with 0: {error, {undef, []}}',
    );
  });

  it('that no broker answered is an error with what was said', async () => {
    const channel = answering({ code: 1, stderr: 'erl_call: failed to connect to node' });
    await expect(evaluate(channel, 'broker-1', 'any')).rejects.toThrow('failed to connect to node');
  });

  it('is not taken as answered when the program was cut off', async () => {
    const channel = answering({ code: 142, stdout: `answer:${inBase64('half')}\n` });
    await expect(evaluate(channel, 'broker-1', 'any')).rejects.toThrow('ended with 142');
  });
});
