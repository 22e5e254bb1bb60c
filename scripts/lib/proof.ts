import { balancerOutput, type ServerOutput } from '../../infra/components/endpoint-outputs.ts';
import { messageOf, UserError } from '../../infra/errors.ts';
import { probeMessage, type ProbeResult } from '../../infra/operations/amqp-probe.ts';
import { httpStatus } from '../../infra/operations/http-status.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import type { ClientServer } from './client-uri.ts';
import type { Progress } from './progress.ts';

/** What a client is to trust, PEM; undefined without TLS. */
type Authorities = string | undefined;

/** A service that was just created needs less than a tenth of it; a client's patience ends here. */
const probeDeadlineMs = 60_000;

/**
 * Proves each server that clients may connect to with a message of its own.
 * @param patience times the usual deadline, where hosts are slow
 * @returns the slowest round trip
 * @throws UserError naming the servers that carried none
 */
export async function proveServers(
  { virtualAddresses }: Pick<EnvironmentPlan, 'virtualAddresses'>,
  servers: readonly ClientServer[],
  ca: Authorities,
  { progress, patience }: { readonly progress: Progress; readonly patience: number },
): Promise<ProbeResult> {
  const way = virtualAddresses.length > 0 ? 'through the VIP' : 'through each broker';
  return progress.step(`Message ${way}`, async () => {
    const proofs = await Promise.allSettled(
      servers.map(({ uri }) => probeMessage({ uri, ca, deadlineMs: probeDeadlineMs * patience })),
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

/**
 * Asks each broker what a balancer of the user's own will ask it; nothing where none is expected.
 * @throws UserError naming each broker that gave another answer
 */
export async function proveHealthCheck(
  plan: EnvironmentPlan,
  servers: Readonly<Record<string, readonly ServerOutput[]>>,
  ca: Authorities,
  progress: Progress,
): Promise<void> {
  const balancer = balancerOutput(plan, servers);
  if (balancer === undefined) return;
  const { scheme, request, expectStatus, timeoutSeconds } = balancer.healthCheck;
  const [, path = ''] = request.split(' ');
  await progress.step('Health check of each broker', async () => {
    const asked = (balancer.services['amqp'] ?? []).map(async ({ host, check }) => {
      const url = `${scheme}://${check}${path}`;
      const answer = await httpStatus({ url, ca, timeoutMs: timeoutSeconds * 1000 })
        .then((status) => (status === expectStatus ? undefined : `status ${status}`))
        .catch((error: unknown) => messageOf(error));
      return answer === undefined ? [] : [`${host ?? check}: ${answer}`];
    });
    const wrong = (await Promise.all(asked)).flat();
    if (wrong.length === 0) return;
    throw new UserError({
      what: `brokers do not answer \`${request}\` as a balancer is told to expect`,
      value: wrong.join(', '),
      allowed: `status ${expectStatus} within ${timeoutSeconds} s`,
      fix: 'npm run status shows which part is down; npm run up heals what died',
    });
  });
}
