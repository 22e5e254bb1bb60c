import { messageOf, UserError } from '../../errors.ts';
import { waitFor } from '../../wait.ts';
import type { Channel } from '../channel.ts';
import { brokerHosts } from '../service/survey.ts';
import type { Passwords } from './exported.ts';

const program = '/usr/local/lib/rabbitmq-ha-kit/parameter-hash';
/** Its exit code for a parameter that does not exist. */
const missing = 2;
/** A right that was given a moment ago may need half a minute to be known everywhere. */
const rightsMs = 60_000;
/** RabbitMQ's salted SHA-256, in base64. */
const hash = /^[A-Za-z0-9+/]{48}$/;

/**
 * Passwords of users that the config's user keeps where only brokers' hosts may read them: a host makes the
 * hashes that brokers keep, so that none of them comes here.
 * @param parameters by user: the name of the parameter
 * @param brokers hosts that may read them
 * @throws UserError naming the parameter, with the host's own words
 */
export async function broughtPasswords(
  channel: Channel,
  parameters: Readonly<Record<string, string>>,
  brokers: readonly string[],
): Promise<Passwords> {
  const brought = Object.entries(parameters);
  if (brought.length === 0) return {};
  const host = (await brokerHosts(channel)).find(
    ({ name, state }) => state === 'running' && brokers.includes(name),
  );
  if (host === undefined) throw new Error('no broker runs that could read passwords');
  const made = brought.map(async ([user, parameter]) => [
    user,
    { hash: await hashOn(channel, host.name, { user, parameter }) },
  ]);
  return Object.fromEntries(await Promise.all(made)) as Passwords;
}

interface Brought {
  readonly user: string;
  readonly parameter: string;
}

async function hashOn(channel: Channel, host: string, brought: Brought): Promise<string> {
  const wait = {
    subject: `${host} to read the parameter ${brought.parameter}`,
    deadlineMs: rightsMs,
    intervalMs: 3_000,
  };
  return waitFor(async () => {
    const { code, stdout, stderr } = await channel.run(host, [program, brought.parameter]);
    if (code === missing) return { failed: refusal(brought, stderr.trim()) };
    if (code !== 0) return { seen: stderr.trim() };
    const value = stdout.trim();
    return hash.test(value)
      ? { done: true, value }
      : { failed: new Error(`${program} on ${host} printed no hash`) };
  }, wait).catch((cause: unknown) => {
    throw cause instanceof UserError ? cause : refusal(brought, messageOf(cause), cause);
  });
}

const refusal = ({ user, parameter }: Brought, said: string, cause?: unknown): UserError =>
  new UserError({
    what: `the password of user ${user} cannot be read`,
    value: said,
    fix: `make the parameter: aws ssm put-parameter --type SecureString --name ${parameter} --value file://FILE; or remove aws.secrets.parameters.user-${user}-password for a generated one`,
    cause,
  });
