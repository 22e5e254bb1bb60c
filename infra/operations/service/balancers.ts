import type { Channel } from '../channel.ts';
import { balancerAnswer } from '../status/answers.ts';
import { isServing } from '../status/health.ts';
import { waitFor } from '../../wait.ts';
import { whyBootWaits } from './readiness.ts';
import { rolesOf } from './survey.ts';

/**
 * Waits until every balancer counts every server as up: only then do clients get to where the
 * topology wants them. A warren's active broker, for one, must answer for a while before it is used.
 * @throws after the deadline with what the first balancer that differs last said.
 */
export async function waitForBalancers(
  channel: Channel,
  options: { readonly deadlineMs: number },
): Promise<void> {
  const hosts = await channel.hosts();
  const balancers = hosts.filter((host) => rolesOf(host).includes('balancer'));
  for (const { name } of balancers) {
    await waitFor(
      async () => {
        const down = await serversDown(channel, name);
        return down.length === 0 ? { done: true, value: true } : { seen: down.join(', ') };
      },
      {
        subject: `${name} to count every server as up`,
        deadlineMs: options.deadlineMs,
        intervalMs: 200,
      },
    );
  }
}

async function serversDown(channel: Channel, balancer: string): Promise<string[]> {
  const result = await channel.run(balancer, ['/usr/local/sbin/balancer-status'], {
    timeoutMs: 5_000,
  });
  if (result.code !== 0) {
    const held = await whyBootWaits(channel, balancer);
    throw new Error(held === '' ? `balancer-status ended with ${result.code}` : held);
  }
  const { servers } = balancerAnswer.parse(JSON.parse(result.stdout));
  if (servers.length === 0) return ['no servers'];
  return servers
    .filter(({ state }) => !isServing(state))
    .map(({ backend, server, state }) => `${backend}/${server} is ${state}`);
}
