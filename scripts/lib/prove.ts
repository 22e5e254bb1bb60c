import type { ServerOutput } from '../../infra/components/endpoint-outputs.ts';
import type { EnvironmentConfig } from '../../infra/config/schema.ts';
import type { ProbeResult } from '../../infra/operations/amqp-probe.ts';
import { waitForCopies } from '../../infra/operations/cluster/copies.ts';
import { waitForBalancers } from '../../infra/operations/service/balancers.ts';
import { brokerHosts, servingHosts } from '../../infra/operations/service/survey.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import { keepCaFile } from './ca-file.ts';
import { type ClientServer, clientServers } from './client-uri.ts';
import { proveHealthCheck, proveServers } from './proof.ts';
import type { UpdateAccount } from './pulumi-progress.ts';
import { readOutputs, type StackContext } from './stack-operations.ts';
import { wayTo } from './way.ts';

/** Beyond the delay that a fail-back is told to have; checks themselves take about a second. */
const balancersDeadlineMs = 60_000;

interface Outputs {
  readonly endpoints: Readonly<Record<string, string>>;
  readonly servers: Readonly<Record<string, readonly ServerOutput[]>>;
  /** With TLS: certificates to trust, PEM. */
  readonly caCertificate?: string | undefined;
}

export interface Proven {
  readonly outputs: Omit<Outputs, 'caCertificate'> & { readonly caFile?: string };
  /** Host with the broker, where hosts take turns at one. */
  readonly brokerHost?: string | undefined;
  /** The slowest round trip of a message; undefined where this machine cannot send one. */
  readonly probe?: ProbeResult;
}

/** Waits until an environment serves as its clients see it, and proves it with a message. */
export async function proveEnvironment(
  context: StackContext,
  account: UpdateAccount,
  config: EnvironmentConfig,
  plan: EnvironmentPlan,
): Promise<Proven> {
  const { stack, progress } = context;
  const channel = await wayTo(plan);
  const patience = channel.patience?.() ?? 1;
  const { outputs, clients } = await outputsOf(context, account, plan);
  const blind = plan.aws?.access.method === 'none';
  if (blind) progress.note('warning  nobody looked whether it serves: aws.access.method is none');
  if (!blind && plan.hosts.some(({ roles }) => roles.includes('balancer'))) {
    await progress.step('Balancers', async () =>
      waitForBalancers(channel, {
        deadlineMs: balancersDeadlineMs * patience + config.warren.failBack.delay,
      }),
    );
  }
  let brokerHost: string | undefined;
  if (!blind && plan.oneBroker) {
    const left = await progress.step('Both copies of the disk', async (note) =>
      waitForCopies(channel, note),
    );
    if (left !== undefined) progress.note(`warning  ${left}`);
    const [serving] = await servingHosts(channel, await brokerHosts(channel));
    brokerHost = serving?.name;
  }
  const { caCertificate, ...addresses } = outputs;
  const caFile = await keepCaFile(stack, caCertificate);
  // Its clients are inside the VPC, and this machine is not.
  if (plan.target === 'aws') {
    return { outputs: { ...addresses, ...(caFile === undefined ? {} : { caFile }) }, brokerHost };
  }
  await proveHealthCheck(plan, outputs.servers, caCertificate, progress);
  const probe = await proveServers(plan, clients, caCertificate, { progress, patience });
  const told = { ...addresses, ...(caFile === undefined ? {} : { caFile }) };
  return { outputs: told, brokerHost, probe };
}

/** From the update's own events and the live hosts where these can tell, else from Pulumi. */
async function outputsOf(
  context: StackContext,
  account: UpdateAccount,
  plan: EnvironmentPlan,
): Promise<{ outputs: Outputs; clients: readonly ClientServer[] }> {
  try {
    const { endpoints, servers, caCertificate } = account.outputs as unknown as Outputs;
    const outputs = { endpoints, servers, caCertificate };
    // No message is sent from here to EC2, and no password needs to leave its hosts.
    const clients = plan.target === 'aws' ? [] : await clientServers(plan, servers, 'amqp');
    if (servers['amqp'] === undefined) throw new Error('the update told no outputs');
    return { outputs, clients };
  } catch {
    // A host that has just died again, say: Pulumi knows the password too, it only takes longer.
    type All = Outputs & { readonly amqpUris: readonly string[] };
    const { endpoints, servers, caCertificate, amqpUris } = await readOutputs<All>(context);
    return {
      outputs: { endpoints, servers, caCertificate },
      clients: amqpUris.map((uri) => ({ host: null, uri })),
    };
  }
}
