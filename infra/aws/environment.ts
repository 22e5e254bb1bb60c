import { createSecrets, type SecretSources, valuesOf } from '../components/secrets.ts';
import type { EnvironmentOutputs } from '../components/outputs.ts';
import { accessPoints } from '../plan/endpoints.ts';
import type { EnvironmentPlan, SecretPlan } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';
import type { RenderedHost } from '../render/model.ts';
import { createAccess, createOperatorKey } from './access.ts';
import { createEndpoints } from './endpoints.ts';
import { createHosts } from './hosts.ts';
import { createInterfaces } from './interfaces.ts';
import { createKey } from './key.ts';
import { createLateFiles, versionsOfLateFiles } from './late-files.ts';
import { createGuard, createHostSecrets, createService, describeWay } from './live.ts';
import { createLoadBalancers, createServices } from './load-balancer.ts';
import { createFrontRecords, createHostRecords, createZone } from './names.ts';
import { createGround } from './network.ts';
import { createParameters, versionsOf } from './parameters.ts';
import { createRights } from './rights/roles.ts';
import { createSecurityGroups } from './security/groups.ts';
import type { ec2 } from './sdk.ts';
import { nameOf, openSite } from './site.ts';
import { createElasticAddress, createVirtualAddresses } from './virtual-address.ts';
import { createVolumes } from './volumes.ts';

/** Creates the plan's environment on EC2, under `parent`. */
export function createOnAws(
  plan: EnvironmentPlan,
  rendered: readonly RenderedHost[],
  sources: SecretSources,
  parent: pulumi.Resource,
): EnvironmentOutputs {
  // First of all: an authority that cannot be used stops everything before anything has changed.
  const { byName: secrets, authorities } = createSecrets(secretsToMake(plan), sources, {
    parent,
    nameOf: (name) => nameOf({ plan }, name),
  });
  const values = valuesOf(secrets);
  const operators = createOperatorKey(plan, parent);
  const channel = describeWay(plan, operators.privateKey);
  const guard = createGuard(plan, rendered, channel, { parent, dependsOn: [...authorities] });
  const site = openSite(plan, parent, guard);
  const key = createKey(site, [guard]);
  const ground = createGround(site);
  const groups = createSecurityGroups(site, ground);
  const endpoints = createEndpoints(site, ground, groups);
  const zone = createZone(site, ground);
  const records = createHostRecords(site, zone);
  const { keyPair, doors } = createAccess(site, ground, groups, operators);

  const parameters = createParameters(site, key, secrets);
  const lateFiles = createLateFiles(site, key, rendered);
  const versions = {
    secrets: versionsOf(plan, secrets, sources.rotation),
    lateFiles: versionsOfLateFiles(lateFiles),
  };
  const volumes = createVolumes(site, key);
  const elastic = createElasticAddress(site, ground);
  const interfaces = createInterfaces(site, ground, groups, elastic === undefined ? [] : [elastic]);
  const virtualAddresses = createVirtualAddresses(site, ground, interfaces, elastic);
  const rights = createRights(site, { key, parameters, lateFiles, interfaces, virtualAddresses });
  const held = [
    ...Object.values(parameters).flatMap(({ resource }) => resource ?? []),
    ...Object.values(lateFiles).flat(),
  ];

  const services = createServices(site, ground);
  const last = createHosts(site, rendered, {
    ...{ interfaces, rights, volumes, virtualAddresses, key },
    keyPair,
    services,
    channel,
    serve: (dependsOn) =>
      createService(plan, channel, { guard, secrets: values, versions }, { parent, dependsOn }),
    ground: [...ground.ways, ...doors, ...groups.rules, ...endpoints, ...records, ...held],
  });
  const others = plan.hosts.filter(({ roles }) => !roles.includes('broker'));
  if (last !== undefined) {
    createHostSecrets(plan, channel, { hosts: others, versions, after: last }, { parent });
  }
  const balancers = createLoadBalancers(site, ground, groups, services);
  createFrontRecords(site, zone, balancers, elastic);
  return {
    addresses: addressesOf(plan, elastic),
    secrets: values,
  };
}

/** What the user brings as a parameter of Systems Manager is not made, and not known here. */
const secretsToMake = ({ secrets, aws }: EnvironmentPlan): SecretPlan[] =>
  secrets.filter(({ name }) => aws?.parameters[name]?.brought !== true);

/**
 * Where the environment's servers answer: inside the VPC, at their own addresses and ports. Of an Elastic IP
 * clients come by the address that AWS has chosen: the environment's own names are private ones.
 */
function addressesOf(
  { endpoints, aws }: EnvironmentPlan,
  publicAddress: ec2.Eip | undefined,
): pulumi.Output<Record<string, string>> {
  const elastic = aws?.names.find(({ to }) => to.kind === 'elastic-address')?.name;
  return pulumi
    .all([publicAddress?.publicIp])
    .apply(([chosen]) =>
      Object.fromEntries(
        accessPoints(endpoints).map(({ name, server: { address, port } }) => [
          name,
          `${address === elastic ? (chosen ?? address) : address}:${port}`,
        ]),
      ),
    );
}
