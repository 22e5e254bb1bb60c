import { UserError } from '../errors.ts';
import type { Channel } from './channel.ts';
import { runOrFail } from './run-or-fail.ts';
import { type OnHeld, waitForBoot } from './service/readiness.ts';

const fetchProgram = '/usr/local/lib/rabbitmq-ha-kit/fetch-secrets';

/** A host that has just been replaced installs its packages first. */
const bootMs = 600_000;
/** The program gives a refusal two minutes to end. */
const fetchMs = 180_000;
/** Brokers agree on new passwords, a balancer starts a new worker. */
const reactionMs = 600_000;

/** A host, and the command by which what runs on it takes up secrets that have changed. */
export interface Renewal {
  readonly host: string;
  readonly reaction: 'none' | readonly string[];
}

/**
 * Has a running host fetch its secrets anew, by its own rights, and take up what has changed: no value
 * passes through here. Can be repeated, and goes on where it was interrupted.
 * @returns names of the secrets that were new to the host
 * @throws UserError with the host's own words when it cannot get one of them
 */
export async function renewSecrets(
  channel: Channel,
  { host, reaction }: Renewal,
  onHeld?: OnHeld,
): Promise<string[]> {
  await waitForBoot(channel, host, {
    subject: `${host} to boot before it takes up secrets`,
    deadlineMs: bootMs,
    onHeld,
  });
  const { code, stdout, stderr } = await channel.run(host, [fetchProgram], { timeoutMs: fetchMs });
  if (code !== 0) {
    throw new UserError({
      what: `${host} cannot fetch its secrets, and goes on with those that it has`,
      value: (stderr.trim() || `exit ${code}`).slice(-500),
      fix: 'mend that, then run the same command again: it goes on with this host',
    });
  }
  if (reaction !== 'none') await runOrFail(channel, host, reaction, reactionMs);
  return stdout.split(/\s+/).filter((name) => name !== '');
}
