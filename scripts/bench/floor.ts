import { join } from 'node:path';
import { loadEnvironment } from '../../infra/config/load.ts';
import { repositoryRoot } from '../../infra/paths.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import type { EnvironmentPlan, HostPlan } from '../../infra/plan/model.ts';
import { brokerPorts } from '../../infra/plan/ports.ts';
import { type HostKind, rigImageOf } from '../../infra/rig/host-kinds.ts';
import { volumeArgs } from '../../infra/rig/volume-args.ts';
import { renderHost } from '../../infra/render/environment.ts';
import { ipBatch } from '../../infra/rig-provider/network/namespace.ts';
import { ensureImage } from '../../infra/rig-provider/images/index.ts';
import { namespacePath, routerNamespace } from '../../infra/rig-provider/names.ts';
import { sweep } from '../../infra/rig-provider/remains.ts';
import { host as hostHandler, type HostInputs } from '../../infra/rig-provider/resources/host.ts';
import { network as networkHandler } from '../../infra/rig-provider/resources/network.ts';
import { generate } from '../../infra/rig-provider/resources/password.ts';
import { volume as volumeHandler } from '../../infra/rig-provider/resources/volume.ts';
import { runToEnd } from './command.ts';
import { timed } from './samples.ts';

/** Alone on the machine a broker needs a twentieth of it, and one on an emulated machine a third. */
const deadlineMs: Readonly<Record<HostKind, number>> = { container: 120_000, machine: 480_000 };

/**
 * Seconds from the start of one broker host, which is all that runs, to AMQP on its address: what
 * no environment can beat. The kit's own plan, bytes and provider; without Pulumi, balancers, or
 * what is made before (image, network, empty disk).
 */
export async function measureFloor(
  stack: string,
  kind: HostKind,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await startToAnswer(loneBroker(stack), kind, signal);
  } finally {
    await sweep(stack);
  }
}

async function startToAnswer(
  plan: EnvironmentPlan,
  kind: HostKind,
  signal: AbortSignal,
): Promise<number> {
  const { stack } = plan;
  const [broker, balancer] = ['broker', 'balancer'].map((role) =>
    plan.hosts.find(({ roles }) => roles.some((each) => each === role)),
  );
  if (broker === undefined || balancer === undefined) throw new Error('the plan lacks a role');
  await networkHandler.create({ stack, networks: networkInputs(plan), forwards: [] }, 'network');
  for (const volume of broker.volumes) {
    await volumeHandler.create(volumeArgs(stack, volume), volume.name);
  }
  await ipBatch(routerNamespace(stack), [`addr add ${balancer.address}/32 dev lo`]);
  const inputs = await hostInputs(plan, broker, kind);
  const { seconds } = await timed(async () => {
    const ends = { from: balancer.address, to: broker.address, deadlineMs: deadlineMs[kind] };
    const answers = amqpAnswers(stack, ends, signal);
    // Both may fail; the host's reason is the better one.
    answers.catch(() => undefined);
    await hostHandler.create(inputs, broker.name);
    await answers;
  });
  return seconds;
}

/** The default environment cut down to one broker: less than a config may ask for. */
function loneBroker(stack: string): EnvironmentPlan {
  const config = loadEnvironment({ topology: 'quorum-cluster' }, undefined, stack);
  return planEnvironment({ ...config, quorumCluster: { ...config.quorumCluster, brokers: 1 } });
}

export const networkInputs = ({ networks }: EnvironmentPlan) =>
  networks.map(({ name, cidr, gateway }) => ({ name, cidr, gateway }));

/** What the provider is asked for one host of a plan, without the rest of it. */
export async function hostInputs(
  plan: EnvironmentPlan,
  host: HostPlan,
  kind: HostKind,
): Promise<HostInputs> {
  const network = plan.networks.find(({ name }) => name === host.network);
  if (network === undefined) throw new Error(`no network ${host.network} in the plan`);
  const { rootfs } = await ensureImage(rigImageOf(host, kind), () => undefined, 'quick');
  const { userData } = renderHost(plan, host);
  const { stack } = plan;
  const { name, fqdn, zone, address, volumes, memoryMiB, labels, roles } = host;
  return {
    ...{ stack, name, fqdn, zone, address, memoryMiB, userData },
    kind,
    ...(kind === 'machine' ? { cpus: plan.rig.cpus } : {}),
    image: rootfs,
    network: network.name,
    prefixLength: Number(network.cidr.split('/')[1]),
    gateway: network.gateway,
    volumes: volumes.map((volume) => ({ name: volume.name, mount: volume.mount })),
    labels: { ...labels, roles: roles.join(' ') },
    secrets: Object.fromEntries(host.secrets.map((name) => [name, generatedValue(plan, name)])),
  };
}

/** The bench's stack has no TLS: each of its secrets is a cookie or a password. */
function generatedValue({ secrets }: EnvironmentPlan, name: string): string {
  const kind = secrets.find((secret) => secret.name === name)?.kind;
  return generate(kind === 'erlang-cookie' ? kind : 'password');
}

/** Asks as a balancer would, from the address of one: a broker lets nobody else in. */
function amqpAnswers(
  stack: string,
  {
    from,
    to,
    deadlineMs,
  }: { readonly from: string; readonly to: string; readonly deadlineMs: number },
  signal: AbortSignal,
): Promise<string> {
  const script = join(import.meta.dirname, 'amqp-answers.ts');
  const inside = ['nsenter', `--net=${namespacePath(routerNamespace(stack))}`] as const;
  const asked = [process.execPath, script, from, to, String(brokerPorts.amqp), String(deadlineMs)];
  return runToEnd([...inside, ...asked], {
    cwd: repositoryRoot,
    deadlineMs: deadlineMs + 5_000,
    signal,
  });
}
