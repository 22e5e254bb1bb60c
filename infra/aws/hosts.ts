import type { HostPlan, Role } from '../plan/model.ts';
import { instanceTags } from '../channels/aws/tags.ts';
import type { ChannelDescription } from '../channels/description.ts';
import { instanceTags as factTag } from '../plan/aws/tags.ts';
import type * as pulumi from '../pulumi.ts';
import type { RenderedHost } from '../render/model.ts';
import { createFileSystems, createTurn } from './live.ts';
import { attachTargets, type Service } from './load-balancer.ts';
import { encodedUserData } from '../render/compressed-user-data.ts';
import { madeOf } from './made-of.ts';
import { digestOf } from './user-data.ts';
import type { HostRights } from './rights/roles.ts';
import { aws, type ec2, type kms } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';
import { heldBy, type VirtualAddress } from './virtual-address.ts';
import { attachVolumes, type DataVolume } from './volumes.ts';

/** All that instances are made from. */
export interface HostParts {
  readonly interfaces: Readonly<Record<string, ec2.NetworkInterface>>;
  readonly rights: Readonly<Record<string, HostRights>>;
  readonly volumes: Readonly<Record<string, readonly DataVolume[]>>;
  readonly virtualAddresses: readonly VirtualAddress[];
  readonly key: kms.Key;
  readonly keyPair: ec2.KeyPair | undefined;
  /** What load balancers of AWS lead to instances for. */
  readonly services: readonly Service[];
  readonly channel: pulumi.Input<ChannelDescription>;
  /** Makes a service of brokers whose hosts are there; balancers turn to brokers that answer. */
  readonly serve: (brokers: pulumi.Resource[]) => pulumi.Resource;
  /** What a host that boots cannot do without: rules, ways out, endpoints, names, secrets. */
  readonly ground: readonly pulumi.Resource[];
}

/** What brokers cannot serve without. */
const servingRoles: ReadonlySet<Role> = new Set(['broker', 'quorum']);

/**
 * One instance after the other, in the plan's order, each with its volumes: a change that replaces several
 * (image, type, user-data) takes one away and brings it back before it comes to the next. Before each
 * stands its turn, which waits until the others can spare it, and ends the update when they cannot.
 * @returns what is there after all of them, and after their service
 */
export function createHosts(
  site: AwsSite,
  rendered: readonly RenderedHost[],
  parts: HostParts,
): pulumi.Resource | undefined {
  const groups = createSpreadGroups(site);
  const files = new Map(rendered.map((host) => [host.name, host]));
  let last: pulumi.Resource | undefined;
  let before: readonly pulumi.Resource[] = parts.ground;
  let served = false;
  for (const host of site.plan.hosts) {
    if (!served && !host.roles.some((role) => servingRoles.has(role))) {
      before = [parts.serve([...before])];
      served = true;
    }
    const boot = files.get(host.name);
    if (boot === undefined) throw new Error(`host ${host.name} was planned but not rendered`);
    const instance = createInstance(site, host, boot, { parts, groups, before });
    const volumes = attachVolumes(site, instance, parts.volumes[host.name] ?? []);
    const targets = attachTargets(site, parts.services, host.name, instance);
    last = instance;
    if (host.volumes.some(({ mount }) => mount !== undefined)) {
      const dependsOn = [instance, ...volumes];
      createFileSystems(site, parts.channel, host, { parent: site.parent, dependsOn });
    }
    before = [instance, ...volumes, ...targets];
  }
  return served ? last : parts.serve([...before]);
}

/** Hosts that stand in for each other are kept on different hardware, also within one zone. */
function createSpreadGroups(site: AwsSite): Record<string, ec2.PlacementGroup> {
  const names = new Set(Object.values(site.aws.hosts).map(({ spreadGroup }) => spreadGroup));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      new aws.ec2.PlacementGroup(
        nameOf(site, name),
        { strategy: 'spread', tags: tagsOf(site, name) },
        site.opts,
      ),
    ]),
  );
}

interface Making {
  readonly parts: HostParts;
  readonly groups: Readonly<Record<string, ec2.PlacementGroup>>;
  readonly before: readonly pulumi.Resource[];
}

function createInstance(
  site: AwsSite,
  host: HostPlan,
  rendered: RenderedHost,
  { parts, groups, before }: Making,
): ec2.Instance {
  const { type, image, rootGiB, spreadGroup } = planned(site.aws.hosts, host.name, 'instance');
  if (image === undefined) throw new Error(`host ${host.name} has no image`);
  const { profile, policy } = planned(parts.rights, host.name, 'role');
  const turn = createTurn(
    site,
    parts.channel,
    {
      host: host.name,
      // Every input that has EC2 make another instance when it changes.
      madeOf: { ...madeOf(site, rendered), key: parts.keyPair?.keyName ?? '' },
      targetGroups: parts.services.map(({ group }) => group.arn),
    },
    { parent: site.parent, dependsOn: [...before] },
  );
  const disk = { encrypted: true, kmsKeyId: parts.key.arn, volumeType: 'gp3' };
  return new aws.ec2.Instance(
    nameOf(site, host.name),
    {
      ami: image,
      instanceType: type,
      primaryNetworkInterface: {
        networkInterfaceId: planned(parts.interfaces, host.name, 'network interface').id,
      },
      iamInstanceProfile: profile.name,
      placementGroup: planned(groups, spreadGroup, 'placement group').name,
      ...(parts.keyPair === undefined ? {} : { keyName: parts.keyPair.keyName }),
      metadataOptions: {
        httpEndpoint: 'enabled',
        httpTokens: 'required',
        httpPutResponseHopLimit: 1,
        instanceMetadataTags: 'enabled',
      },
      rootBlockDevice: { ...disk, volumeSize: rootGiB, tags: tagsOf(site, `${host.name}-root`) },
      userDataBase64: encodedUserData(rendered),
      // It is read at an instance's first boot alone.
      userDataReplaceOnChange: true,
      tags: {
        ...tagsOf(site, host.name),
        ...instanceTags(site.plan.stack, host, { userData: digestOf(rendered.userData), rootGiB }),
        ...factTags(host, parts),
      },
    },
    {
      ...site.opts,
      // Its address and its disks can be with one instance only.
      deleteBeforeReplace: true,
      // Its interface says so. The provider reads it from there, holds its own default against that, and would turn
      // the check on: terraform-provider-aws #44768.
      ignoreChanges: ['sourceDestCheck'],
      // The provider would stop the instance for another type, and leave a larger disk's file system as it is.
      replaceOnChanges: ['instanceType', 'rootBlockDevice.volumeSize'],
      dependsOn: [policy, turn],
    },
  );
}

/** What the host has to know of what exists only now: it reads its own tags when it boots. */
function factTags(host: HostPlan, parts: HostParts): Record<string, pulumi.Input<string>> {
  const volumes = (parts.volumes[host.name] ?? []).map(
    ({ plan, volume }) => [factTag.volume(plan.name), volume.id] as const,
  );
  const own = planned(parts.interfaces, host.name, 'network interface');
  return {
    ...Object.fromEntries(volumes),
    ...heldBy(parts.virtualAddresses, host)?.tags(own),
  };
}
