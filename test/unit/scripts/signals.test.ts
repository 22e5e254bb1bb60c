import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { repositoryRoot } from '../../../infra/paths.ts';
import { identify } from '../../../infra/rig-provider/process.ts';
import { waitFor } from '../../../infra/wait.ts';

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
    main: async ({ takeSignals, rest }) => {
      const run = { stack: 'none', toolDir: process.env.FAKE_TOOLS, argv: [] };
      if (rest[0] === 'terminal') return runPulumi(run, takeSignals);
      const update = { ...run, verb: 'up', onWords: () => undefined };
      await updatePulumi(update, () => undefined, takeSignals);
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

let runs = 0;
async function startUnderNpm(script: 'update' | 'terminal'): Promise<Run> {
  const file = join(folder, `log-${(runs += 1)}`);
  writeFileSync(file, '');
  const npm = spawn('npm', ['run', '--silent', script], {
    cwd: folder,
    detached: true,
    stdio: 'ignore',
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
  ['terminal', 'SIGINT', 'group', 130],
  ['terminal', 'SIGTERM', 'command', 143],
] as const;

test.concurrent.each(cases)(
  '%s: %s to the %s interrupts Pulumi once, and waits for it',
  async (script, signal, whom, code) => {
    const run = await startUnderNpm(script);
    const ended = once(run.npm, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    process.kill(reach[whom](run), signal);
    const [status, by] = await ended;
    expect(run.log().slice(1)).toEqual(['SIGINT', 'state written']);
    // npm ends itself by a signal that it got.
    expect(by === null ? status : by).toBe(by === null ? code : signal);
  },
);

test('a second signal is passed on too', async () => {
  const run = await startUnderNpm('update');
  const ended = once(run.npm, 'exit');
  const command = reach.command(run);
  process.kill(command, 'SIGTERM');
  await waitFor(
    () =>
      Promise.resolve(
        run.log().includes('SIGINT') ? { done: true as const, value: 1 } : { seen: 'none' },
      ),
    { subject: 'the first interrupt', deadlineMs: 10_000, intervalMs: 10 },
  );
  process.kill(command, 'SIGINT');
  await ended;
  expect(run.log().filter((line) => line === 'SIGINT')).toHaveLength(2);
});

test('Pulumi does not outlive a command that is killed', async () => {
  const run = await startUnderNpm('update');
  const ended = once(run.npm, 'exit');
  process.kill(reach.group(run), 'SIGKILL');
  await ended;
  await waitFor(
    () =>
      Promise.resolve(
        identify(run.pulumiPid) === undefined
          ? { done: true as const, value: 1 }
          : { seen: 'alive' },
      ),
    { subject: 'the end of Pulumi', deadlineMs: 10_000, intervalMs: 20 },
  );
});
