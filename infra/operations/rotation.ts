import type { Channel } from './channel.ts';
import type { CertificateStatus } from './status/model.ts';

/** Certificates begin a little before they are made: clocks of clients may be behind. */
const backdatedMs = 5 * 60_000 + 1_000;

/** Certificates that were made before the rotation began; empty when all hosts show new ones. Pure. */
export const outdated = (
  certificates: readonly CertificateStatus[],
  since: string,
): CertificateStatus[] =>
  certificates.filter(
    ({ from }) => new Date(from).getTime() < new Date(since).getTime() - backdatedMs,
  );

/** Hosts that are to show certificates and of which none was seen: a busy one may be late. Pure. */
export const unseen = (
  hosts: readonly string[],
  certificates: readonly Pick<CertificateStatus, 'host'>[],
): string[] => hosts.filter((name) => !certificates.some(({ host }) => host === name));

/** A broker, and the name of its Erlang node. */
export interface BrokerNode {
  readonly host: string;
  readonly node: string;
}

/**
 * Proves that brokers let each other in by the cookie of today: connections from before a change
 * would not show it. Each broker's `rabbitmqctl` asks the next broker; without a cluster its own.
 * @throws when one is not let in
 */
export async function proveCookie(
  channel: Channel,
  brokers: readonly BrokerNode[],
  clustered: boolean,
): Promise<void> {
  for (const [index, { host }] of brokers.entries()) {
    const asked = clustered ? brokers[(index + 1) % brokers.length] : brokers[index];
    const argv = ['rabbitmqctl', '--silent', '--node', asked?.node ?? '', 'eval', 'ok.'];
    const { code, stdout, stderr } = await channel.run(host, argv, { timeoutMs: 60_000 });
    if (code === 0 && stdout.trim() === 'ok') continue;
    const said = (stderr.trim() || stdout.trim()).slice(-500);
    throw new Error(`${argv.join(' ')} on ${host} ended with ${code}: ${said}`);
  }
}
