import { UserError } from '../errors.ts';
import { lateFilesName, lateProgramsName } from '../render/late-files.ts';
import type { Channel } from './channel.ts';
import { runOrFail } from './run-or-fail.ts';
import { type OnHeld, waitForBoot } from './service/readiness.ts';

const fetchProgram = '/usr/local/lib/rabbitmq-ha-kit/fetch-secrets';
const filesProgram = '/usr/local/lib/rabbitmq-ha-kit/late-files';

/** A host that has just been replaced installs its packages first. */
const bootMs = 600_000;
/** The program gives a refusal two minutes to end. */
const fetchMs = 180_000;
/** Brokers agree on new passwords or restart in turn, a balancer starts a new worker. */
const reactionMs = 600_000;

/** A host, and the command by which what runs on it takes up secrets that have changed. */
export interface Renewal {
  readonly host: string;
  readonly reaction: 'none' | readonly string[];
}

/**
 * Has a running host fetch anew, by its own rights, and take up what has changed: its secrets, of which no
 * value passes through here, and its files that follow the hosts of the environment. Can be repeated, and
 * goes on where it was interrupted.
 * @returns names of the secrets, and paths of the files, that were new to the host
 * @throws UserError with the host's own words when it cannot get one of them
 */
export async function renewSecrets(
  channel: Channel,
  { host, reaction }: Renewal,
  onHeld?: OnHeld,
): Promise<string[]> {
  await waitForBoot(channel, host, {
    subject: `${host} to boot before it takes up what has changed`,
    deadlineMs: bootMs,
    onHeld,
  });
  const { code, stdout, stderr } = await channel.run(host, [fetchProgram], { timeoutMs: fetchMs });
  if (code !== 0) {
    throw new UserError({
      what: `${host} cannot fetch its secrets and files, and goes on with those that it has`,
      value: tailOf({ code, stderr }),
      fix: 'mend that, then run the same command again: it goes on with this host',
    });
  }
  const files = await channel.run(host, [filesProgram, 'take-up'], { timeoutMs: reactionMs });
  if (files.code !== 0) {
    throw new Error(`${host} did not take up files that have changed: ${tailOf(files)}`);
  }
  if (reaction !== 'none') await runOrFail(channel, host, reaction, reactionMs);
  const secrets = wordsOf(stdout).filter(
    (name) => name !== lateFilesName && name !== lateProgramsName,
  );
  return [...secrets, ...wordsOf(files.stdout)];
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const tailOf = ({ code, stderr }: { readonly code: number; readonly stderr: string }): string =>
  (stderr.trim() || `exit ${code}`).slice(-500);
