import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../infra/errors.ts';
import { stateDir } from '../../infra/paths.ts';
import { caFile } from './ca-file.ts';
import type { Progress } from './progress.ts';
import type { TakeSignals } from './cli-model.ts';
import { accountOfUpdate, type UpdateAccount } from './pulumi-progress.ts';
import { endOrphans } from './orphans.ts';
import { readPulumi, updatePulumi } from './pulumi.ts';
import { unmergedDir, workingFile } from './pulumi-workspace.ts';
import { findStaleLock } from './stack-lock.ts';

/** What the verbs of a stack need of their command. */
export interface StackContext {
  readonly stack: string;
  readonly toolDir: string;
  readonly progress: Progress;
  readonly takeSignals: TakeSignals;
}

const usesOwnBackend = (): boolean => process.env['PULUMI_BACKEND_URL'] === undefined;

/** The stack's state as the kit's own backend keeps it. */
const stateFile = (stack: string): string =>
  join(stateDir, 'backend/.pulumi/stacks/rabbitmq-ha-kit', `${stack}.json`);

/** Whether the backend knows the stack. */
export async function stackExists(
  context: Pick<StackContext, 'stack' | 'toolDir'>,
): Promise<boolean> {
  if (usesOwnBackend()) return existsSync(stateFile(context.stack));
  const listed = JSON.parse(await readPulumi({ ...context, argv: ['stack', 'ls', '--json'] })) as {
    name: string;
  }[];
  return listed.some(({ name }) => name.split('/').at(-1) === context.stack);
}

/** Whether a service is in the state of a stack that exists: brokers that became whole once. */
export async function serviceExists(context: StackContext): Promise<boolean> {
  return /"type":\s*"rig:rabbitmq:Service"/.test(await readState(context));
}

/** The state of a stack that exists, as the backend keeps it: JSON, secrets encrypted. */
export const readState = (context: StackContext): Promise<string> =>
  usesOwnBackend()
    ? readFile(stateFile(context.stack), 'utf8')
    : readPulumi({ ...context, argv: ['stack', 'export'] });

/** Creates the stack where it is missing. @returns whether it was there before */
export async function ensureStack(
  context: Pick<StackContext, 'stack' | 'toolDir'>,
): Promise<boolean> {
  if (await stackExists(context)) return true;
  await readPulumi({ ...context, argv: ['stack', 'init', context.stack] });
  return false;
}

/** Creates the stack where it is missing and clears what a killed update left locked. */
export async function prepareStack(context: StackContext): Promise<void> {
  if (!(await ensureStack(context))) return;
  const staleSince = await findStaleLock(context.stack);
  if (staleSince === undefined) return;
  context.progress.note('an earlier update was killed: its lock is cleared');
  await endOrphans(context.stack, staleSince);
  await readPulumi({ ...context, argv: ['cancel', '--yes', context.stack] });
}

/**
 * Runs `pulumi up` or `pulumi destroy` with its progress shown.
 * @throws UserError with every error that resources or program gave.
 */
export async function update(
  context: StackContext,
  verb: 'up' | 'destroy',
  argv: readonly string[] = [],
): Promise<UpdateAccount> {
  const account = accountOfUpdate();
  const title = verb === 'up' ? 'Environment' : 'Taking the environment down';
  await context.progress.step(title, async (say) => {
    const { code, errors, signal } = await updatePulumi(
      { ...context, verb, argv: ['--yes', '--skip-preview', ...argv], onWords: say },
      (event) => {
        const text = account.take(event);
        if (text !== undefined) say(text);
      },
      (onSignal) =>
        context.takeSignals((signal) => {
          context.progress.note(
            'stopping once what is under way is done; once more to stop at once',
          );
          onSignal(signal);
        }),
    );
    if (signal !== undefined) {
      throw new UserError({
        what: `pulumi ${verb} of ${context.stack} was interrupted by ${signal}`,
        fix: 'run the same command again; finished steps are kept',
      });
    }
    if (code === 0) return;
    throw failedUpdate(context.stack, verb, code, account.errors, errors);
  });
  return account;
}

/** What a failed update says: its resources' own words, with their own fix where they name one. */
export function failedUpdate(
  stack: string,
  verb: 'up' | 'destroy',
  code: number,
  said: readonly string[],
  printed: string,
): UserError {
  const all = said.length > 0 ? said.join('\n') : printed.trim().slice(-2000);
  if (/\bstack is currently locked\b/.test(all)) {
    return new UserError({
      what: `stack ${stack} is being changed right now`,
      value: /created by [^\n]+/.exec(all)?.[0],
      fix: 'wait until that ends and run the same command again',
    });
  }
  const again = 'mend what it names and run the same command again; finished steps are kept';
  return new UserError({
    what: `${verb === 'up' ? 'up' : 'down'} of ${stack} stopped (pulumi ${verb}, exit code ${code})`,
    value: inLines(all),
    fix: all.includes('fix: ') ? undefined : again,
  });
}

/** A provider's error came as one line; its parts are shown as those of the kit's own errors are. */
const inLines = (said: string): string => said.replaceAll(/; (allowed|fix): /g, '\n  $1: ');

/** Outputs of the stack, secrets in clear: for this process only. */
export async function readOutputs<T>(context: StackContext): Promise<T> {
  const argv = ['stack', 'output', '--json', '--show-secrets'];
  return JSON.parse(await readPulumi({ ...context, argv })) as T;
}

/** Forgets an empty stack with everything that the kit keeps for it outside the checkout. */
export async function forgetStack(context: StackContext): Promise<void> {
  if (await stackExists(context)) {
    await readPulumi({ ...context, argv: ['stack', 'rm', '--yes', context.stack] });
  }
  await rm(workingFile(context.stack), { force: true });
  await rm(caFile(context.stack), { force: true });
  // Copies of definitions hold password hashes: they are the way back of a stack that is there.
  const moment = /^\d{4}-\d\d-\d\dT/;
  for (const folder of [join(stateDir, 'definitions'), unmergedDir]) {
    await removeStartingWith(folder, `${context.stack}-`, moment);
  }
  if (!usesOwnBackend()) return;
  // The backend keeps old checkpoints of removed stacks (with encrypted secrets), locks and logs.
  const backend = join(stateDir, 'backend/.pulumi');
  for (const kind of ['backups', 'history', 'locks/organization']) {
    const folder = join(backend, kind, 'rabbitmq-ha-kit', context.stack);
    await rm(folder, { recursive: true, force: true });
  }
  await removeStartingWith(join(backend, 'stacks/rabbitmq-ha-kit'), `${context.stack}.json`);
  const log = `organization+rabbitmq-ha-kit+${context.stack}-`;
  await removeStartingWith(join(stateDir, 'pulumi-home/logs'), log, /^\d{8}T\d{6}\b/);
}

/** @param rest what must follow, where the start alone may be another stack's too */
async function removeStartingWith(folder: string, start: string, rest = /^/): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(start) || !rest.test(name.slice(start.length))) continue;
    await rm(join(folder, name), { force: true });
  }
}
