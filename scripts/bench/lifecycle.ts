import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { environmentKey } from '../lib/pulumi-workspace.ts';
import { repositoryRoot } from '../../infra/paths.ts';
import { forwarderGroup, memberCgroup, stackCgroup } from '../../infra/rig-provider/cgroup.ts';
import { runToEnd } from './command.ts';
import { proportionalMemory } from '../../infra/rig-provider/stacks/usage.ts';
import { peakDuring, processesBelow } from './memory.ts';
import { inTurn, type Samples, timed } from './samples.ts';
import type { Project } from './programs.ts';

const minute = 60_000;
const bytesPerMiB = 1024 ** 2;

/** The default environment, brought up and down by the commands that a user has. */
export interface Lifecycle {
  readonly stack: string;
  /** `npm run VERB` on the stack, to its end. */
  command(verb: 'up' | 'down', ...options: string[]): Promise<string>;
}

export async function newLifecycle(
  base: string,
  stack: string,
  signal: AbortSignal,
  environment: object = { topology: 'quorum-cluster' },
): Promise<Lifecycle> {
  const folder = join(base, 'stacks');
  await mkdir(folder, { recursive: true });
  const config = { config: { [environmentKey]: environment } };
  await writeFile(join(folder, `Pulumi.${stack}.yaml`), stringify(config));
  return {
    stack,
    command: (verb, ...options) =>
      runToEnd(['npm', 'run', '--silent', verb, '--', '--stack', stack, ...options], {
        cwd: repositoryRoot,
        deadlineMs: 10 * minute,
        signal,
      }),
  };
}

/** What to measure while an environment is up, besides up and down. */
export interface CycleParts {
  readonly swap: boolean;
  readonly memory: boolean;
  readonly noOp?: {
    readonly rounds: number;
    readonly kit: Project;
    readonly empty: Project;
  };
}

/** Seconds and MiB of one life of the environment. */
export interface Cycle {
  readonly up: number;
  readonly down: number;
  /** To the other topology, then back. */
  readonly swaps: readonly number[];
  readonly noOp?: Readonly<Record<'command' | 'update' | 'empty', Samples>>;
  readonly memory?: { readonly peak: number; readonly steady: number; readonly forwarder: number };
}

export async function runCycle(
  life: Lifecycle,
  parts: CycleParts,
  say: (detail: string) => void,
): Promise<Cycle> {
  const sample = (): Promise<number> => memoryOf(stackCgroup(life.stack));
  const goUp = (): Promise<{ seconds: number }> => timed(() => life.command('up'));
  say('up');
  const { value: up, peak } = parts.memory
    ? await peakDuring(sample, goUp)
    : { value: await goUp(), peak: 0 };
  const noOp = parts.noOp === undefined ? undefined : await measureNoOp(life, parts.noOp, say);
  // After the no-ops: what starting brokers needed is given back by then.
  const memory = parts.memory
    ? {
        peak: peak / bytesPerMiB,
        steady: (await sample()) / bytesPerMiB,
        forwarder: (await memoryOf(memberCgroup(life.stack, forwarderGroup))) / bytesPerMiB,
      }
    : undefined;
  const swaps: number[] = [];
  for (const topology of parts.swap ? ['warren', 'quorum-cluster'] : []) {
    say(`swap to ${topology}`);
    swaps.push((await timed(() => life.command('up', '--topology', topology))).seconds);
  }
  say('down');
  const down = await timed(() => life.command('down'));
  return {
    up: up.seconds,
    down: down.seconds,
    swaps,
    ...(noOp === undefined ? {} : { noOp }),
    ...(memory === undefined ? {} : { memory }),
  };
}

const memoryOf = async (group: string): Promise<number> =>
  proportionalMemory(await processesBelow(group));

/** The same update of both programs, with the same options; and the kit's whole command. */
function measureNoOp(
  life: Lifecycle,
  { rounds, kit, empty }: NonNullable<CycleParts['noOp']>,
  say: (detail: string) => void,
): Promise<Record<'command' | 'update' | 'empty', Samples>> {
  const options = ['--yes', '--skip-preview', '--json'];
  let count = 0;
  const counted = (what: string, work: () => Promise<string>) => (): Promise<string> => {
    count += 1;
    say(`no-op ${what}, ${count} of ${3 * (rounds + 1)}`);
    return work();
  };
  return inTurn(rounds, {
    empty: counted('of the empty program', () => empty.run('up', ...options)),
    update: counted('update', () => kit.run('up', ...options)),
    command: counted('command', () => life.command('up')),
  });
}
