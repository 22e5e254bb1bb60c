import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { repositoryRoot } from '../../../infra/paths.ts';
import { identify } from '../../../infra/rig-provider/process.ts';
import { doneWhen, waitFor } from '../../../infra/wait.ts';

/** Stands in for Pulumi: tells every interrupt, and ends half a second after the first. */
const pulumi = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const log = (text) => appendFileSync(process.env.FAKE_LOG, text + '\\n');
process.on('SIGINT', () => {
  log('SIGINT');
  setTimeout(() => { log('state written'); process.exit(1); }, 500);
});
process.on('SIGTERM', () => { log('SIGTERM'); process.exit(1); });
setTimeout(() => process.exit(9), 30000);
log('pid ' + process.pid);
`;
const program = `
  import { runCommand } from '${join(repositoryRoot, 'scripts/lib/cli.ts')}';
  import { runPulumi, updatePulumi } from '${join(repositoryRoot, 'scripts/lib/pulumi.ts')}';
  await runCommand({ name: 'x', summary: '', examples: [], rest: { name: 'r', description: '' },
    main: async ({ takeSignals, rest, io }) => {
      const run = { stack: 'none', toolDir: process.env.FAKE_TOOLS, argv: [] };
      if (rest[0] === 'terminal') return runPulumi(run, takeSignals);
      const update = { ...run, verb: 'up', onWords: () => undefined };
      const talk = setInterval(() => { io.out('at work\\n'); io.err('at work\\n'); }, 20);
      await updatePulumi(update, () => undefined, takeSignals);
      clearInterval(talk);
      return 0;
    } });`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-unit-signals-'));
  mkdirSync(join(folder, 'tools'));
  writeFileSync(join(folder, 'tools/pulumi'), pulumi);
  chmodSync(join(folder, 'tools/pulumi'), 0o755);
  writeFileSync(join(folder, 'program.mts'), program);
  // As in the kit: npm starts sh, in whose place everything after it must be started.
  mkdirSync(join(folder, 'scripts'));
  writeFileSync(join(folder, 'scripts/bootstrap.sh'), 'exec "$KIT_NODE" program.mts "$1"\n');
  const kit = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    scripts: { up: string };
  };
  const scripts = {
    update: kit.scripts.up.replace(/up$/, 'update'),
    terminal: kit.scripts.up.replace(/up$/, 'terminal'),
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly npm: ChildProcess;
  readonly pulumiPid: number;
  readonly log: () => string[];
}

const npmRun = (script: 'update' | 'terminal'): string[] => ['npm', 'run', '--silent', script];

let runs = 0;
async function start([command = '', ...args]: string[], stdio: StdioOptions): Promise<Run> {
  const file = join(folder, `log-${(runs += 1)}`);
  writeFileSync(file, '');
  const npm = spawn(command, args, {
    cwd: folder,
    detached: true,
    stdio,
    env: {
      ...process.env,
      KIT_NODE: process.execPath,
      FAKE_LOG: file,
      FAKE_TOOLS: join(folder, 'tools'),
      RABBITMQ_HA_KIT_STATE: join(folder, 'state'),
    },
  });
  const log = (): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const pulumiPid = await waitFor(
    () => {
      const pid = Number(log()[0]?.slice('pid '.length));
      return Promise.resolve(pid > 0 ? { done: true as const, value: pid } : { seen: 'no log' });
    },
    { subject: 'the start of Pulumi', deadlineMs: 15_000, intervalMs: 20 },
  );
  return { npm, pulumiPid, log };
}

const logged = (run: Run, line: string): Promise<unknown> =>
  waitFor(() => Promise.resolve(doneWhen(run.log().includes(line), run.log().join(', '))), {
    subject: `Pulumi's "${line}"`,
    deadlineMs: 10_000,
    intervalMs: 10,
  });

const ended = (pid: number, subject: string): Promise<unknown> =>
  waitFor(() => Promise.resolve(doneWhen(identify(pid) === undefined, 'alive')), {
    subject: `the end of ${subject}`,
    deadlineMs: 10_000,
    intervalMs: 20,
  });

const parentOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Whom a signal reaches: a terminal's the whole group, an operator's one process. */
const reach = {
  group: ({ npm }: Run) => -(npm.pid ?? 0),
  npm: ({ npm }: Run) => npm.pid ?? 0,
  command: ({ pulumiPid }: Run) => parentOf(pulumiPid),
} as const;

const cases = [
  ['update', 'SIGINT', 'group', 130],
  ['update', 'SIGINT', 'npm', 130],
  ['update', 'SIGINT', 'command', 130],
  ['update', 'SIGTERM', 'group', 143],
  ['update', 'SIGTERM', 'npm', 143],
  ['update', 'SIGTERM', 'command', 143],
  ['update', 'SIGHUP', 'command', 129],
  ['terminal', 'SIGINT', 'group', 130],
  ['terminal', 'SIGTERM', 'command', 143],
  ['terminal', 'SIGHUP', 'command', 129],
] as const;

test.concurrent.each(cases)(
  '%s: %s to the %s interrupts Pulumi once, and waits for it',
  async (script, signal, whom, code) => {
    const run = await start(npmRun(script), 'ignore');
    const exit = once(run.npm, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    process.kill(reach[whom](run), signal);
    const [status, by] = await exit;
    expect(run.log().slice(1)).toEqual(['SIGINT', 'state written']);
    // npm ends itself by a signal that it got.
    expect(by === null ? status : by).toBe(by === null ? code : signal);
  },
);

test('a terminal that is closed interrupts Pulumi once, and what it does then is waited for', async () => {
  // `script` holds the terminal: with its end the kernel hangs up on whatever runs in it.
  const onTerminal = ['script', '--quiet', '--command', npmRun('update').join(' '), '/dev/null'];
  const run = await start(onTerminal, ['pipe', 'ignore', 'ignore']);
  const command = reach.command(run);
  run.npm.kill('SIGKILL');
  await ended(command, 'the command');
  expect(run.log().slice(1)).toEqual(['SIGINT', 'state written']);
});

test('an update goes on when nobody reads what it says, and can still be interrupted', async () => {
  const run = await start(npmRun('update'), ['ignore', 'pipe', 'pipe']);
  const exit = once(run.npm, 'exit');
  const command = reach.command(run);
  run.npm.stdout?.destroy();
  run.npm.stderr?.destroy();
  // Time for many lines that nobody takes.
  await delay(500);
  expect(run.log().slice(1)).toEqual([]);
  process.kill(command, 'SIGINT');
  expect(await exit).toEqual([130, null]);
  expect(run.log().slice(1)).toEqual(['SIGINT', 'state written']);
});

test('a second signal is passed on too', async () => {
  const run = await start(npmRun('update'), 'ignore');
  const exit = once(run.npm, 'exit');
  const command = reach.command(run);
  process.kill(command, 'SIGTERM');
  await logged(run, 'SIGINT');
  process.kill(command, 'SIGINT');
  await exit;
  expect(run.log().filter((line) => line === 'SIGINT')).toHaveLength(2);
});

test('a terminal that closes after Ctrl-C is no second thought', async () => {
  const run = await start(npmRun('update'), 'ignore');
  const exit = once(run.npm, 'exit');
  const command = reach.command(run);
  process.kill(command, 'SIGINT');
  await logged(run, 'SIGINT');
  process.kill(command, 'SIGHUP');
  expect(await exit).toEqual([130, null]);
  expect(run.log().slice(1)).toEqual(['SIGINT', 'state written']);
});

test('Pulumi does not outlive a command that is killed', async () => {
  const run = await start(npmRun('update'), 'ignore');
  const exit = once(run.npm, 'exit');
  process.kill(reach.group(run), 'SIGKILL');
  await exit;
  await ended(run.pulumiPid, 'Pulumi');
});
