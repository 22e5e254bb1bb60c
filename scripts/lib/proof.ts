import { messageOf, UserError } from '../../infra/errors.ts';
import { probeMessage, type ProbeResult } from '../../infra/operations/amqp-probe.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import type { ClientServer } from './client-uri.ts';
import type { Progress } from './progress.ts';

/** A service that was just created needs less than a tenth of it; a client's patience ends here. */
const probeDeadlineMs = 60_000;

/**
 * Proves each server that clients may connect to with a message of its own.
 * @returns the slowest round trip
 * @throws UserError naming the servers that carried none
 */
export async function proveServers(
  { virtualAddresses }: Pick<EnvironmentPlan, 'virtualAddresses'>,
  servers: readonly ClientServer[],
  progress: Progress,
): Promise<ProbeResult> {
  const way = virtualAddresses.length > 0 ? 'through the VIP' : 'through each broker';
  return progress.step(`Message ${way}`, async () => {
    const proofs = await Promise.allSettled(
      servers.map(({ uri }) => probeMessage({ uri, deadlineMs: probeDeadlineMs })),
    );
    const failures = proofs.flatMap((proof, index) =>
      proof.status === 'rejected'
        ? [{ host: servers[index]?.host ?? 'the VIP', cause: proof.reason as unknown }]
        : [],
    );
    if (failures.length > 0) {
      throw new UserError({
        what: `no message went through ${failures.map(({ host }) => host).join(', ')}`,
        value: failures.map(({ cause }) => messageOf(cause)).join('\n'),
        fix: 'npm run status shows which part is down; npm run up heals what died',
        cause: failures[0]?.cause,
      });
    }
    const results = proofs.flatMap((proof) => (proof.status === 'fulfilled' ? [proof.value] : []));
    return {
      publishedMs: Math.max(...results.map(({ publishedMs }) => publishedMs)),
      consumedMs: Math.max(...results.map(({ consumedMs }) => consumedMs)),
    };
  });
}
