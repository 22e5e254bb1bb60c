import { UserError } from '../../errors.ts';
import type { Channel, LiveHost } from '../channel.ts';
import { rolesOf } from '../service/survey.ts';
import { parseAnswer } from '../status/answers.ts';
import { type ClusterAnswer, clusterAnswer } from './answers.ts';

export const clusterProgram = '/usr/local/sbin/cluster-status';

/** Whether a host takes turns at one broker with others. */
export const isClusterHost = (host: LiveHost): boolean =>
  host.labels['topology'] === 'drbd-pacemaker' && rolesOf(host).includes('broker');

/** The hosts that take turns at the broker. @throws UserError when the environment has no such hosts */
export function clusterHosts(stack: string, hosts: readonly LiveHost[]): LiveHost[] {
  const found = hosts.filter(isClusterHost);
  if (found.length > 0) return found;
  throw new UserError({
    what: `the hosts of ${stack} do not take turns at one broker`,
    value: hosts.map(({ labels }) => labels['topology']).find((name) => name !== undefined),
    allowed: 'topology drbd-pacemaker',
    fix: 'npm run status shows what is there',
  });
}

/** What a host knows of its cluster. @throws when it does not say */
export async function askCluster(channel: Channel, host: string): Promise<ClusterAnswer> {
  const { stdout, stderr } = await channel.run(host, [clusterProgram]);
  return parseAnswer(clusterAnswer, stdout, stderr);
}
