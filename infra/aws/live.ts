/** What is done on live hosts: by our own provider, over the way that the plan states. */
import { keylessWay } from '../channels/aws/way.ts';
import type { ChannelDescription } from '../channels/description.ts';
import { createDefinitions } from '../components/definitions.ts';
import {
  ChangeGuard,
  type Definitions,
  FileSystems,
  HostSecrets,
  Service,
  Turn,
} from '../components/live-resources.ts';
import { guardFacts, serviceFacts } from '../components/live-service.ts';
import type { EnvironmentPlan, HostPlan } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';
import type { RenderedHost } from '../render/model.ts';
import { lateFilesName } from '../render/late-files.ts';
import { madeOf } from './made-of.ts';
import { nameOf, planned } from './site.ts';

type Named = { readonly plan: EnvironmentPlan };

/** @param privateKey of the pair that the kit made; undefined where the operator's ssh has its own */
export function describeWay(
  plan: Pick<EnvironmentPlan, 'stack' | 'aws'>,
  privateKey: pulumi.Output<string> | undefined,
): pulumi.Input<ChannelDescription> {
  const way = keylessWay(plan);
  if (privateKey === undefined) return way;
  return pulumi.secret(privateKey.apply((key) => ({ ...way, privateKey: key })));
}

/** First of all, so that a change that must not happen stops before anything has changed. */
export function createGuard(
  plan: EnvironmentPlan,
  rendered: readonly RenderedHost[],
  channel: pulumi.Input<ChannelDescription>,
  opts: pulumi.CustomResourceOptions,
): ChangeGuard {
  const { aws } = plan;
  // Elsewhere each host's turn asks the others whether it can be spared; here nobody can.
  const unseen =
    aws?.access.method === 'none'
      ? { madeOf: Object.fromEntries(rendered.map((host) => [host.name, madeOf({ aws }, host)])) }
      : {};
  const facts = { ...guardFacts(plan), ...unseen, channel, lookup: keylessWay(plan) };
  return new ChangeGuard(nameOf({ plan }, 'changes'), facts, opts);
}

/** Before a host: whatever of `madeOf` changes has it replaced. */
export const createTurn = (
  { plan }: Named,
  channel: pulumi.Input<ChannelDescription>,
  {
    host,
    madeOf,
    targetGroups,
  }: {
    readonly host: string;
    readonly madeOf: Readonly<Record<string, pulumi.Input<string>>>;
    readonly targetGroups: readonly pulumi.Input<string>[];
  },
  opts: pulumi.CustomResourceOptions,
): Turn =>
  new Turn(
    nameOf({ plan }, `${host}-turn`),
    {
      ...{ stack: plan.stack, channel, host, madeOf: pulumi.all(madeOf) },
      ...(targetGroups.length === 0 ? {} : { targetGroups: pulumi.all([...targetGroups]) }),
    },
    opts,
  );

/** After a host and its volumes. */
export const createFileSystems = (
  { plan }: Named,
  channel: pulumi.Input<ChannelDescription>,
  { name, volumes }: Pick<HostPlan, 'name' | 'volumes'>,
  opts: pulumi.CustomResourceOptions,
): FileSystems =>
  new FileSystems(
    nameOf({ plan }, `${name}-file-systems`),
    {
      ...{ stack: plan.stack, channel, host: name },
      sizes: Object.fromEntries(
        volumes.flatMap(({ mount, sizeGiB }) => (mount === undefined ? [] : [[mount, sizeGiB]])),
      ),
    },
    opts,
  );

/** What is done with the brokers of a plan once their hosts are there. */
interface ServiceParts {
  readonly guard: ChangeGuard;
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  readonly versions: Versions;
}

/** The brokers as a service, with the secrets of today, and what they hold. */
export function createService(
  plan: EnvironmentPlan,
  channel: pulumi.Input<ChannelDescription>,
  { guard, secrets, versions }: ServiceParts,
  opts: pulumi.CustomResourceOptions,
): Definitions {
  const service = new Service(
    nameOf({ plan }, plan.topology),
    { ...serviceFacts(plan), channel },
    opts,
  );
  const brokers = plan.hosts.filter(({ roles }) => roles.includes('broker'));
  const told = createHostSecrets(plan, channel, { hosts: brokers, versions, after: service }, opts);
  const rest = { name: nameOf({ plan }, 'definitions'), guard, channel, dependsOn: [told] };
  return createDefinitions(plan, secrets, { ...opts, ...rest });
}

/** Each says nothing but that another value has another version. */
export interface Versions {
  /** By name of the secret. */
  readonly secrets: Readonly<Record<string, pulumi.Input<string>>>;
  /** Of the files that follow the hosts, by host. */
  readonly lateFiles: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Hosts that are told, and what is there before they are. */
interface Told {
  readonly hosts: readonly HostPlan[];
  readonly versions: Versions;
  readonly after: pulumi.Resource;
}

/**
 * Has running hosts take up secrets, and files that follow the hosts, that have changed, one after the other.
 * @returns the last of them, or what was there before
 */
export function createHostSecrets(
  plan: EnvironmentPlan,
  channel: pulumi.Input<ChannelDescription>,
  { hosts, versions, after }: Told,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  let last = after;
  for (const { name, secrets, onSecretsChange: onChange } of hosts) {
    const own = secrets.map(
      (secret) => [secret, planned(versions.secrets, secret, 'version')] as const,
    );
    const all = {
      ...Object.fromEntries(own),
      [lateFilesName]: planned(versions.lateFiles, name, 'version'),
    };
    last = new HostSecrets(
      nameOf({ plan }, `${name}-secrets`),
      { stack: plan.stack, channel, host: name, versions: all, onChange },
      { ...opts, dependsOn: [last] },
    );
  }
  return last;
}
