import { messageOf, UserError } from '../../errors.ts';
import { doneWhen, type Look, waitFor } from '../../wait.ts';
import type { Channel, LiveHost } from '../channel.ts';
import { runOrFail } from '../run-or-fail.ts';
import { rolesOf } from '../service/survey.ts';
import { balancerAnswer } from '../status/answers.ts';
import { isServing } from '../status/health.ts';
import { refuseWithout } from './others.ts';

const unit = 'keepalived.service';
const intervalMs = 500;
/** VRRP takes a second, or three advertisements of a holder that is gone. */
const moveDeadlineMs = 60_000;
const moveAddress = '/usr/local/lib/rabbitmq-ha-kit/move-virtual-address';
/** It waits a minute for a move that is under way, and tries for another one. */
const leadTimeoutMs = 130_000;

/**
 * Waits until another balancer is fit to hold the virtual address, then gives it up: a Keepalived that
 * is stopped says so, and the other one takes over at once.
 */
export async function yieldAddress(
  channel: Channel,
  self: LiveHost,
  hosts: readonly LiveHost[],
  deadlineMs: number,
): Promise<void> {
  const others = hosts.filter((host) => isOther(host, self));
  refuseWithout('balancer', self, others);
  for (const { name } of others) {
    await waitFor(async () => lookAtBalancer(channel, name), {
      subject: `balancer ${name} to be fit for the virtual address, before ${self.name} is replaced`,
      deadlineMs,
      intervalMs,
    });
  }
  const holds = await holdsAddress(channel, self.name).catch(() => false);
  await runOrFail(channel, self.name, ['systemctl', 'stop', unit]);
  if (!holds) return;
  try {
    const holder = await waitFor(async () => lookForHolder(channel, others), {
      subject: `another balancer to take the virtual address of ${self.name}`,
      deadlineMs: moveDeadlineMs,
      intervalMs,
    });
    await leadTo(channel, holder);
  } catch (cause) {
    await serveAgain(channel, self);
    throw new UserError({
      what: `${self.name} is not replaced, and may hold the virtual address again: no other balancer took it`,
      value: messageOf(cause),
      fix: 'npm run logs -- -u keepalived says why, also what AWS refused',
      cause,
    });
  }
}

/** Lets a balancer hold the virtual address again. */
export const serveAgain = (channel: Channel, { name }: LiveHost): Promise<void> =>
  runOrFail(channel, name, ['systemctl', 'start', unit]);

const isOther = (host: LiveHost, self: LiveHost): boolean =>
  rolesOf(host).includes('balancer') && host.name !== self.name;

async function lookAtBalancer(channel: Channel, host: string): Promise<Look<true>> {
  const { code } = await channel.run(host, ['systemctl', 'is-active', '--quiet', unit]);
  if (code !== 0) return { seen: `${unit} is not active` };
  const { servers } = await answerOf(channel, host);
  const backends = [...Map.groupBy(servers, ({ backend }) => backend)];
  const dead = backends.filter(([, those]) => !those.some(({ state }) => isServing(state)));
  if (backends.length === 0) return { seen: 'it has no servers' };
  return doneWhen(
    dead.length === 0,
    `no server is up for ${dead.map(([name]) => name).join(', ')}`,
  );
}

/** Name of the one that holds the address by VRRP. */
async function lookForHolder(channel: Channel, others: readonly LiveHost[]): Promise<Look<string>> {
  const held = await Promise.all(others.map(async ({ name }) => holdsAddress(channel, name)));
  const holder = others[held.indexOf(true)];
  return holder === undefined
    ? { seen: `${others.map(({ name }) => name).join(', ')} do not hold it` }
    : { done: true, value: holder.name };
}

/** Keepalived asks nobody: until the API has moved the address, packets still go to the old holder. */
async function leadTo(channel: Channel, host: string): Promise<void> {
  const { code } = await channel.run(host, [moveAddress, 'confirm'], { timeoutMs: leadTimeoutMs });
  if (code !== 0) throw new Error(`${host} holds the address, but AWS does not lead it there`);
}

const holdsAddress = async (channel: Channel, host: string): Promise<boolean> =>
  (await answerOf(channel, host)).vip;

async function answerOf(channel: Channel, host: string) {
  const { code, stdout, stderr } = await channel.run(host, ['/usr/local/sbin/balancer-status'], {
    timeoutMs: 10_000,
  });
  if (code !== 0) throw new Error(`balancer-status ended with ${code}: ${stderr.trim()}`);
  return balancerAnswer.parse(JSON.parse(stdout));
}
