import * as pulumi from '../pulumi.ts';
import type { EnvironmentOutputs } from '../components/outputs.ts';
import { accessPoints } from '../plan/endpoints.ts';
import type { EnvironmentPlan, HostPlan, NetworkPlan } from '../plan/model.ts';
import { powerPassword } from '../plan/power.ts';
import type { RenderedHost } from '../render/model.ts';
import { filesDigest } from '../rig-provider/configuration/digest.ts';
import { createDefinitions } from '../components/definitions.ts';
import { ChangeGuard, Service } from '../components/live-resources.ts';
import { guardFacts, serviceFacts } from '../components/live-service.ts';
import { type HostKind, hostKinds, rigImageOf } from './host-kinds.ts';
import { volumeArgs } from './volume-args.ts';
import {
  Configuration,
  type ForwardArgs,
  Host,
  Image,
  Network,
  Power,
  Volume,
} from './resources.ts';
import {
  createSecrets,
  type LiveSecret,
  type SecretSources,
  valuesOf,
} from '../components/secrets.ts';

interface Machine {
  readonly host: HostPlan;
  readonly files: RenderedHost;
  readonly machine: Host;
}

interface Site {
  readonly plan: EnvironmentPlan;
  readonly parent: pulumi.Resource;
  readonly network: Network;
  readonly secrets: Readonly<Record<string, LiveSecret>>;
  readonly images: ReadonlyMap<string, Image>;
  readonly kinds: ReadonlyMap<string, HostKind>;
  /** Where hosts may take each other's power away. */
  readonly power: Power | undefined;
}

/** Creates the plan's environment on this machine, under `parent`. */
export function createOnRig(
  plan: EnvironmentPlan,
  rendered: readonly RenderedHost[],
  sources: SecretSources,
  parent: pulumi.Resource,
): EnvironmentOutputs {
  const { stack, topology } = plan;
  if (plan.target !== 'rig') throw new RangeError(`target ${plan.target} is not this machine`);
  const kinds = hostKinds(plan);
  // First of all: an authority that cannot be used stops everything before anything has changed.
  const { byName: secrets, authorities } = createSecrets(plan.secrets, sources, { parent });
  // And so does a change that must not happen.
  const guard = new ChangeGuard('changes', guardFacts(plan), {
    parent,
    dependsOn: [...authorities],
  });
  const ground = createGround(plan, kinds, parent, guard);
  const password = secrets[powerPassword]?.value;
  const power = password && new Power('power', { stack, password }, { parent, dependsOn: guard });
  const site: Site = { plan, parent, secrets, kinds, power, ...ground };

  const byName = new Map(rendered.map((host) => [host.name, host]));
  const machines = plan.hosts.map((host) => {
    const files = byName.get(host.name);
    if (files === undefined) throw new Error(`host ${host.name} was planned but not rendered`);
    return { host, files, machine: createHost(site, host, files) };
  });

  const brokers = machines.filter(({ host }) => host.roles.includes('broker'));
  const service = new Service(topology, serviceFacts(plan), {
    parent,
    // A host without a broker may have a vote on where one runs.
    dependsOn: machines
      .filter(({ host }) => host.roles.some((role) => role === 'broker' || role === 'quorum'))
      .map(({ machine }) => machine),
  });
  // One host after the other, brokers first, and only once the service is whole: a change that
  // restarts something never meets a second one, and balancers turn to brokers that answer.
  let previous: pulumi.Resource = service;
  const configure = ({ host, files, machine }: Machine): void => {
    previous = new Configuration(
      host.name,
      {
        stack,
        host: host.name,
        hostId: machine.id,
        files: files.files,
        memoryMiB: host.memoryMiB,
        secretVersions: fromSecrets(site, host, ({ version }) => version),
        onSecretsChange: host.onSecretsChange,
      },
      { parent, dependsOn: [machine, previous] },
    );
  };
  // In between: a broker's plug-ins bring types of exchanges along, and clients that are led to new
  // brokers find there what is defined.
  brokers.forEach(configure);
  previous = createDefinitions(plan, valuesOf(secrets), {
    guard,
    parent,
    dependsOn: previous,
  });
  machines.filter((machine) => !brokers.includes(machine)).forEach(configure);

  return {
    addresses: site.network.ports.apply((ports) =>
      Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `127.0.0.1:${port}`])),
    ),
    secrets: valuesOf(secrets),
  };
}

function createGround(
  plan: EnvironmentPlan,
  kinds: Site['kinds'],
  parent: pulumi.Resource,
  guard: ChangeGuard,
): Pick<Site, 'network' | 'images'> {
  const forwards = accessPoints(plan.endpoints).map(({ name, endpoint, server }): ForwardArgs => ({
    name,
    scheme: endpoint.scheme,
    address: server.address,
    port: server.port,
    fixedPort: plan.localPorts[name],
  }));
  const network = new Network(
    'network',
    { stack: plan.stack, networks: plan.networks, forwards },
    { parent, dependsOn: guard },
  );
  const names = new Set(plan.hosts.map((host) => rigImageOf(host, kinds.get(host.name))));
  const images = [...names].map((name) => [name, new Image(name, { name }, { parent })] as const);
  return { network, images: new Map(images) };
}

function createHost(site: Site, host: HostPlan, rendered: RenderedHost): Host {
  const { plan, parent, kinds } = site;
  const kind = kinds.get(host.name) ?? 'container';
  const network = networkOf(plan, host);
  const volumes = host.volumes.map(
    (volume) => new Volume(volume.name, volumeArgs(plan.stack, volume), { parent }),
  );
  return new Host(
    host.name,
    {
      stack: plan.stack,
      name: host.name,
      fqdn: host.fqdn,
      kind,
      image: imageOf(site, host).rootfs,
      network: network.name,
      address: host.address,
      prefixLength: Number(network.cidr.split('/')[1]),
      gateway: network.gateway,
      zone: host.zone,
      userData: rendered.userData,
      secrets: pulumi.secret(fromSecrets(site, host, ({ value }) => value)),
      volumes: host.volumes.map(({ name, mount }) => ({ name, mount })),
      memoryMiB: host.memoryMiB,
      ...(kind === 'machine' ? { cpus: plan.rig.cpus } : {}),
      ...(host.secrets.includes(powerPassword) ? { fences: true } : {}),
      labels: { ...host.labels, roles: host.roles.join(' ') },
      filesDigest: filesDigest(rendered.files),
    },
    {
      parent,
      dependsOn: [site.network, ...(site.power === undefined ? [] : [site.power]), ...volumes],
      deleteBeforeReplace: true,
    },
  );
}

/** By name, something of each secret that the host may read. */
function fromSecrets(
  site: Site,
  host: HostPlan,
  pick: (secret: LiveSecret) => pulumi.Output<string>,
): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(
    host.secrets.map((name) => {
      const secret = site.secrets[name];
      if (secret === undefined)
        throw new Error(`host ${host.name} asks for unknown secret ${name}`);
      return [name, pick(secret)];
    }),
  );
}

function networkOf(plan: EnvironmentPlan, host: HostPlan): NetworkPlan {
  const network = plan.networks.find(({ name }) => name === host.network);
  if (network === undefined) {
    throw new Error(
      `host ${host.name} is in network ${host.network}, which the plan does not have`,
    );
  }
  return network;
}

function imageOf(site: Site, host: HostPlan): Image {
  const name = rigImageOf(host, site.kinds.get(host.name));
  const image = site.images.get(name);
  if (image === undefined) throw new Error(`no image ${name}`);
  return image;
}
