import { UserError } from '../../errors.ts';
import { exec } from '../exec.ts';
import { findForwards } from '../stacks/inventory.ts';
import { tryListen } from './ports.ts';
import { readNetworkRecord } from './records.ts';

/**
 * Who listens on a port of the machine's loopback, for a message: another stack, else a program as
 * `ss` shows it, else nobody that can be told.
 */
export async function portHolder(localPort: number): Promise<string> {
  const taken = findForwards().find((forward) => forward.localPort === localPort);
  if (taken !== undefined) return `${taken.name} of stack ${taken.stack}`;
  const { stdout } = await exec(['ss', '-Hltnp', `sport = :${localPort}`]);
  const [, program, pid] = /users:\(\("([^"]+)",pid=(\d+)/.exec(stdout) ?? [];
  return program === undefined ? 'a program of this machine' : `${program}, process ${pid ?? '?'}`;
}

/** What a stated port that somebody else has is answered with. */
export async function portTaken(
  stack: string,
  name: string,
  localPort: number,
): Promise<UserError> {
  return new UserError({
    what: `loopback port ${localPort}, stated for ${name} of ${stack}, is taken`,
    value: `by ${await portHolder(localPort)}`,
    allowed: 'a free port',
    fix: `change rig.ports in the config, or end what listens there (ss -ltnp "sport = :${localPort}")`,
  });
}

/**
 * Looks at stated ports before anything changes; those that the stack's own forwarder holds are fine.
 * @throws UserError for the first that somebody else has
 */
export async function refuseTakenPorts(
  stack: string,
  stated: Readonly<Record<string, number>>,
): Promise<void> {
  const own = (readNetworkRecord(stack)?.forwards ?? []).map(({ localPort }) => localPort);
  const foreign = findForwards().filter((forward) => forward.stack !== stack);
  for (const [name, localPort] of Object.entries(stated)) {
    const isForeign = foreign.some((forward) => forward.localPort === localPort);
    if (isForeign || (!own.includes(localPort) && !(await isFree(localPort)))) {
      throw await portTaken(stack, name, localPort);
    }
  }
}

async function isFree(localPort: number): Promise<boolean> {
  const server = await tryListen(localPort);
  server?.close();
  return server !== undefined;
}
