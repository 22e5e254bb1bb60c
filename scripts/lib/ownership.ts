import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../infra/errors.ts';
import type { Channel, LiveHost } from '../../infra/operations/channel.ts';
import { type HeldQueue, messagesHeldError } from '../../infra/operations/service/messages.ts';
import { brokerHosts, surveyBrokers } from '../../infra/operations/service/survey.ts';
import { stateDir } from '../../infra/paths.ts';
import { stackDisks } from '../../infra/rig-provider/names.ts';
import { folders } from '../../infra/rig-provider/network/records.ts';
import { usedVolumes } from '../../infra/rig-provider/volumes/use.ts';
import { backendInUse } from './pulumi.ts';

/** What of a stack may hold data on this machine, for a message: hosts, else volumes. */
export function partsHere(stack: string): string[] {
  const hosts = folders(join(stackDisks(stack), 'hosts')).map((name) => `host ${name}`);
  return [...hosts, ...usedVolumes(stack).map((file) => `volume ${file}`)].sort();
}

/**
 * An environment that the backend does not know must be neither made anew over its data nor taken
 * down: it belongs to another state.
 * @throws UserError when parts of it are on this machine.
 */
export function refuseStranger(stack: string, verb: 'up' | 'down'): void {
  const parts = partsHere(stack);
  if (parts.length === 0) return;
  const again = verb === 'up' ? ' and then `npm run up`' : '';
  throw new UserError({
    what: `stack ${stack} is on this machine, but the Pulumi backend in use does not know it; nothing was changed`,
    value: `looked in ${backendInUse()}; found ${parts.slice(0, 8).join(', ')} in ${stackDisks(stack)}`,
    fix:
      'use the backend it was made with (HOME, RABBITMQ_HA_KIT_STATE or PULUMI_BACKEND_URL), ' +
      `or accept the loss of its messages: npm run down -- --stack ${stack} --discard-messages${again}`,
  });
}

/**
 * Asks the live brokers of a stack in whose state no service is (its `up` failed): they may serve
 * all the same. Where none runs there never was a service.
 * @throws UserError when their queues hold messages, a broker that runs does not tell, or its host runs
 * and cannot be asked.
 */
export async function refuseHeldMessages(channel: Channel): Promise<void> {
  const brokers = await brokerHosts(channel);
  for (const broker of brokers.filter(({ state }) => state === 'running')) {
    const held = await heldBy(channel, broker);
    if (held.length === 0) continue;
    const fix = 'consume them first, or accept the loss with --discard-messages';
    throw messagesHeldError('taking the environment down', held, fix);
  }
}

async function heldBy(channel: Channel, broker: LiveHost): Promise<readonly HeldQueue[]> {
  try {
    return (await surveyBrokers(channel, [broker])).held;
  } catch (error) {
    const check = ['rabbitmq-diagnostics', '--silent', 'check_running'];
    const running = await channel.run(broker.name, check).catch((cause: unknown) => {
      throw new UserError({
        what: `host ${broker.name} runs, and whether its broker holds messages cannot be asked; nothing was changed`,
        fix: 'open the way to it and try again, or accept the loss with --discard-messages',
        cause,
      });
    });
    if (running.code === 0) throw error;
    return [];
  }
}

const departureFile = (stack: string): string => join(stateDir, 'departures', `${stack}.json`);

/**
 * Remembers that a `down` of this stack has begun with this backend: from then on only the check
 * for messages, which comes first of all, lets the stack's service go out of the state.
 */
export async function beginDeparture(stack: string): Promise<void> {
  await mkdir(join(stateDir, 'departures'), { recursive: true, mode: 0o700 });
  await writeFile(departureFile(stack), JSON.stringify({ backend: backendInUse() }), {
    mode: 0o600,
  });
}

/** Whether a `down` of this stack with this backend has begun and not ended. */
export async function isDeparting(stack: string): Promise<boolean> {
  const text = await readFile(departureFile(stack), 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  try {
    return (JSON.parse(text) as { backend?: string }).backend === backendInUse();
  } catch {
    // Cut off while it was written, so before anything had been taken down.
    return false;
  }
}

export const endDeparture = (stack: string): Promise<void> =>
  rm(departureFile(stack), { force: true });
