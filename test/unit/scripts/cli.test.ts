import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { describe, expect, expectTypeOf, test } from 'vitest';

import { repositoryRoot } from '../../../infra/paths.ts';
import { execute, UserError } from '../../../scripts/lib/cli.ts';
import type { Command, Invocation } from '../../../scripts/lib/cli.ts';

const options = {
  host: { type: 'string', description: 'host to ask' },
  unit: { type: 'string', multiple: true, description: 'unit to show' },
  mode: { type: 'string', choices: ['fast', 'thorough'], default: 'fast', description: 'how' },
  lines: { type: 'number', default: 10, max: 100, description: 'lines to show' },
  follow: { type: 'boolean', short: 'f', description: 'keep going' },
} as const;
type Options = typeof options;
type Main = Command<Options>['main'];

const slowUndo =
  "io.err('un'); await new Promise((resolve) => setTimeout(resolve, 200)); io.err('done');";

const command = (main: Main): Command<Options> => ({
  name: 'sample',
  summary: 'Shows how a command is stated.',
  options,
  json: true,
  positionals: [{ name: 'target', description: 'what to look at' }],
  rest: { name: 'command', description: 'command to run' },
  examples: [['npm run sample -- --lines 3', 'three lines']],
  main,
});

async function run(argv: string[], main?: Main, env: Record<string, string> = {}) {
  let out = '';
  let err = '';
  const got: Invocation<Options>[] = [];
  const code = await execute(
    command(async (invocation) => {
      got.push(invocation);
      return main?.(invocation);
    }),
    argv,
    { out: (text) => (out += text), err: (text) => (err += text), colour: false, env },
  );
  return { code, out, err, invocation: got[0] };
}

describe('a command line', () => {
  test('gives values, defaults, arguments and what follows --', async () => {
    const { code, invocation } = await run(
      'one --unit a -f --unit=b --lines 3 -- ls -l --help'.split(' '),
    );
    expect(code).toBe(0);
    expect(invocation).toMatchObject({
      stack: 'rig-quorum',
      json: false,
      options: { unit: ['a', 'b'], mode: 'fast', lines: 3, follow: true },
      args: { target: 'one' },
      rest: ['ls', '-l', '--help'],
    });
    expect(invocation?.options.host).toBeUndefined();
  });

  test("leaves options to a program that was named, but takes the kit's own", async () => {
    const { code, invocation } = await run(
      'one config set --path a.b -xz5 --to=c --unit a value'.split(' '),
    );
    expect(code).toBe(0);
    expect(invocation?.rest).toEqual('config set --path a.b -xz5 --to=c value'.split(' '));
    expect(invocation?.options.unit).toEqual(['a']);
    expect((await run('one --path a.b'.split(' '))).code).toBe(2);
  });

  test('types follow the declaration', () => {
    expectTypeOf<Invocation<Options>['options']>().toEqualTypeOf<{
      readonly host: string | undefined;
      readonly unit: readonly string[];
      readonly mode: string;
      readonly lines: number;
      readonly follow: boolean;
    }>();
  });

  test('the stack comes from --stack, then $PULUMI_STACK, then the default', async () => {
    const env = { PULUMI_STACK: 'from-env' };
    expect((await run(['--stack', 'mine'], undefined, env)).invocation?.stack).toBe('mine');
    expect((await run([], undefined, env)).invocation?.stack).toBe('from-env');
    expect((await run([], undefined, { PULUMI_STACK: '' })).invocation?.stack).toBe('rig-quorum');
  });

  test.each([
    ['--lnes 3', 'unknown option: --lnes', 'did you mean --lines?'],
    ['--nonsense-here', 'unknown option: --nonsense-here', 'write -- before command'],
    ['--host', '--host needs a value', 'write --host VALUE'],
    ['--host --follow', '--host needs a value', 'write --host VALUE'],
    ['--host=', '--host needs a value', 'write --host VALUE'],
    ['--follow=yes', '--follow takes no value: yes', 'write --follow'],
    ['--mode fats', 'wrong value of --mode: fats', 'did you mean --mode fast?'],
    ['--lines many', 'wrong value of --lines: many', 'a whole number from 0 to 100'],
    ['--lines 101', 'wrong value of --lines: 101', 'a whole number from 0 to 100'],
    ['--lines -1', 'wrong value of --lines: -1', 'a whole number from 0 to 100'],
    ['--constructor', 'unknown option: --constructor', 'allowed:'],
  ])('%s is refused with exit code 2', async (line, what, help) => {
    const { code, err, invocation } = await run(line.split(' '));
    expect(code).toBe(2);
    expect(err).toContain(`error: ${what}\n`);
    expect(err).toContain(help);
    expect(invocation).toBeUndefined();
  });

  test('an argument too many is refused where none is taken', async () => {
    const plain: Command<Options> = command(() => Promise.resolve(undefined));
    Reflect.deleteProperty(plain, 'rest');
    const io = { out: () => undefined, err: () => undefined, colour: false, env: {} };
    expect(await execute(plain, ['one', 'two'], io)).toBe(2);
    expect(await execute(plain, ['one'], io)).toBe(0);
  });
});

test('--help documents options, defaults, choices and examples, and runs nothing', async () => {
  const { code, out, invocation } = await run(['--nonsense', '--help']);
  expect(code).toBe(0);
  expect(invocation).toBeUndefined();
  expect(out).toMatch(/^Shows how a command is stated\.\n/);
  expect(out).toContain('Usage: npm run sample -- [options] [target] [-- command...]');
  expect(out).toMatch(/--mode VALUE +how \(one of fast, thorough; default fast\)/);
  expect(out).toMatch(/-f, --follow +keep going/);
  expect(out).toMatch(/--stack NAME +stack to work on/);
  expect(out).toContain('npm run sample -- --lines 3\n      three lines');
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

describe('an error', () => {
  const mistake = new UserError({
    what: 'unknown host',
    value: 'borker-1',
    allowed: ['broker-1', 'broker-2'],
    fix: 'did you mean broker-1?',
    cause: new Error('outer', { cause: new Error('inner') }),
  });

  test('of the user has its parts and causes and no stack trace', async () => {
    const { code, out, err } = await run([], () => Promise.reject(mistake));
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err.split('\n')).toEqual([
      'error: unknown host: borker-1',
      '  allowed: broker-1, broker-2',
      '  because: outer',
      '  because: inner',
      '  fix: did you mean broker-1?',
      '',
    ]);
  });

  test('of the kit has the stack and every cause', async () => {
    const fault = new TypeError('broken', { cause: new RangeError('deeper') });
    const { code, err } = await run([], () => Promise.reject(fault));
    expect(code).toBe(1);
    expect(err).toMatch(/TypeError: broken\n +at /);
    expect(err).toMatch(/caused by: RangeError: deeper\n +at /);
  });

  test('is JSON on standard output with --json, also when the arguments are wrong', async () => {
    const failed = await run(['--json'], () => Promise.reject(mistake));
    expect(failed.err).toBe('');
    expect(JSON.parse(failed.out)).toEqual({
      error: {
        what: 'unknown host',
        value: 'borker-1',
        allowed: ['broker-1', 'broker-2'],
        fix: 'did you mean broker-1?',
        causes: ['outer', 'inner'],
      },
    });
    const wrong = await run(['--json', '--lnes', '3']);
    expect(wrong.code).toBe(2);
    expect(JSON.parse(wrong.out)).toMatchObject({ error: { value: '--lnes' } });
  });
});

describe('cleanup', () => {
  test('runs latest first, after errors too, and one that fails stops no other', async () => {
    const order: string[] = [];
    const { code, err } = await run([], ({ cleanup }) => {
      cleanup(() => void order.push('first'));
      cleanup(() => Promise.reject(new UserError({ what: 'cannot undo' })));
      const forget = cleanup(() => void order.push('forgotten'));
      cleanup(() => void order.push('last'));
      forget();
      return Promise.reject(new UserError({ what: 'stopped' }));
    });
    expect(code).toBe(1);
    expect(order).toEqual(['last', 'first']);
    expect(err).toContain('error: stopped');
    expect(err).toContain('error: cannot undo');
  });

  test.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('runs on %s, and the process ends with %i', async (signal, expected) => {
    const child = startEndless("cleanup(async () => io.out('undone')); io.out('ready ');");
    let out = '';
    child.stdout.on('data', (data: Buffer) => {
      if (out === '') child.kill(signal);
      out += data.toString();
    });
    const [code] = (await once(child, 'exit')) as [number];
    expect({ code, out }).toEqual({ code: expected, out: 'ready undone' });
  });

  test.each([
    ['stdout', 0],
    ['stderr', 141],
  ] as const)('runs when nobody reads %s, and the process ends with %i', async (name, expected) => {
    const [lost, other] = name === 'stdout' ? (['out', 'err'] as const) : (['err', 'out'] as const);
    const child = startEndless(
      `cleanup(async () => io.${other}('undone')); setInterval(() => io.${lost}('line '), 20);`,
    );
    const [gone, kept] =
      name === 'stdout' ? [child.stdout, child.stderr] : [child.stderr, child.stdout];
    let said = '';
    kept.on('data', (data: Buffer) => (said += data.toString()));
    await once(gone, 'data');
    gone.destroy();
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, said }).toEqual({ code: expected, said: 'undone' });
  });

  test('runs when a full disk takes no more output, and says what was the matter', async () => {
    const child = startEndless(
      "cleanup(async () => io.err('undone')); io.out('line');",
      '/dev/full',
    );
    let err = '';
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(err).toContain('ENOSPC');
    expect(err).toContain('undone');
  });

  test('that was begun is finished before a signal ends the process', async () => {
    const child = startEndless(`cleanup(async () => { ${slowUndo} }); return 0;`);
    let err = '';
    child.stderr.on('data', (data: Buffer) => {
      if (err === '') child.kill('SIGINT');
      err += data.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, err }).toEqual({ code: 130, err: 'undone' });
  });

  test('the signal that comes with the end of the reader does not cut it short', async () => {
    const child = startEndless(
      `cleanup(async () => { ${slowUndo} }); setInterval(() => io.out('line '), 20);`,
    );
    let err = '';
    child.stderr.on('data', (data: Buffer) => {
      if (err === '') child.kill('SIGINT');
      err += data.toString();
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, err }).toEqual({ code: 0, err: 'undone' });
  });

  test('a reader that ends after the command does not change its exit code', async () => {
    const child = startEndless(
      `cleanup(async () => { ${slowUndo} }); setInterval(() => io.out('line '), 20); return 3;`,
    );
    let err = '';
    child.stderr.on('data', (data: Buffer) => {
      err += data.toString();
      child.stdout.destroy();
    });
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, err }).toEqual({ code: 3, err: 'undone' });
  });

  /** @param stdout file to write to in place of the pipe */
  function startEndless(beginning: string, stdout?: string) {
    const program = `
      import { runCommand } from '${join(repositoryRoot, 'scripts/lib/cli.ts')}';
      await runCommand({ name: 'x', summary: '', examples: [], main: async ({ cleanup, io }) => {
        ${beginning}
        await new Promise((resolve) => setTimeout(resolve, 30_000));
      } });`;
    const redirect = stdout === undefined ? '' : `> ${stdout}`;
    const argv = [process.execPath, '--input-type=module', '-e', program];
    return spawn('sh', ['-c', `exec "$0" "$@" ${redirect}`, ...argv]);
  }
});
