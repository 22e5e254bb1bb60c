import type { HostPlan } from '../../plan/model.ts';
import * as pulumi from '../../pulumi.ts';
import { placeOf } from '../key.ts';
import type { LateFiles } from '../late-files.ts';
import type { SecretParameter } from '../parameters.ts';
import { aws, type ec2, type iam, type kms } from '../sdk.ts';
import { type AwsSite, planned, shortNameOf, tagsOf } from '../site.ts';
import { heldBy, type VirtualAddress } from '../virtual-address.ts';
import {
  fencingStatements,
  parameterStatements,
  policyDocument,
  sessionStatement,
  type Statement,
  trustDocument,
} from './documents.ts';

export interface HostRights {
  readonly profile: iam.InstanceProfile;
  /** Before it is there, the role exists and may do nothing. */
  readonly policy: pulumi.Resource;
}

export interface RightsParts {
  readonly key: kms.Key;
  readonly parameters: Readonly<Record<string, SecretParameter>>;
  /** By host. */
  readonly lateFiles: LateFiles;
  readonly interfaces: Readonly<Record<string, ec2.NetworkInterface>>;
  readonly virtualAddresses: readonly VirtualAddress[];
}

/** The longest name of a role that EC2 takes. */
const longestName = 64;

/** A role a host, by host: one that is broken into gives away its own secrets and no other's. */
export const createRights = (site: AwsSite, parts: RightsParts): Record<string, HostRights> =>
  Object.fromEntries(
    site.plan.hosts.map((host) => [host.name, createHostRights(site, host, parts)]),
  );

function createHostRights(site: AwsSite, host: HostPlan, parts: RightsParts): HostRights {
  const name = shortNameOf(site, host.name, longestName);
  const tags = tagsOf(site, host.name);
  const role = new aws.iam.Role(
    name,
    {
      description: `What ${host.name} of ${site.plan.stack} may do`,
      assumeRolePolicy: JSON.stringify(trustDocument),
      tags,
    },
    site.opts,
  );
  const statements = pulumi
    .all([
      secretStatements(site, host, parts),
      movingStatements(host, parts),
      powerStatements(site, host, parts),
    ])
    .apply((some): Statement[] => [...some.flat(), ...sessionStatements(site)]);
  const policy = new aws.iam.RolePolicy(
    name,
    {
      role: role.id,
      policy: statements.apply((all) => JSON.stringify(policyDocument(all))),
    },
    site.opts,
  );
  const profile = new aws.iam.InstanceProfile(name, { role: role.name, tags }, site.opts);
  return { profile, policy };
}

const sessionStatements = ({ aws: { access } }: AwsSite): Statement[] =>
  access.method === 'session-manager' ? [sessionStatement] : [];

function secretStatements(
  { aws: { hosts } }: AwsSite,
  { name, secrets }: HostPlan,
  { key, parameters, lateFiles }: RightsParts,
): pulumi.Output<Statement[]> {
  const { answersFor } = planned(hosts, name, 'instance');
  const read = [...secrets, ...answersFor].map((secret) =>
    planned(parameters, secret, 'parameter'),
  );
  const arnsOf = (brought: boolean) =>
    read.filter((each) => each.brought === brought).map(({ arn }) => arn);
  const files = planned(lateFiles, name, 'parameter of files');
  const made = [...arnsOf(false), ...files.map(({ arn }) => arn)];
  return pulumi
    .all([pulumi.all(made), pulumi.all(arnsOf(true)), key.arn, placeOf(key)])
    .apply(([own, brought, keyArn, place]) =>
      parameterStatements({ made: own, brought }, keyArn, place),
    );
}

function movingStatements(
  host: HostPlan,
  { key, interfaces, virtualAddresses }: RightsParts,
): pulumi.Output<Statement[]> {
  const held = heldBy(virtualAddresses, host);
  if (held === undefined) return pulumi.all([]);
  const own = planned(interfaces, host.name, 'network interface');
  return placeOf(key).apply((place) => held.statements(own, place));
}

const powerStatements = (
  { plan, aws: { hosts } }: AwsSite,
  { name }: HostPlan,
  { key }: RightsParts,
): pulumi.Output<Statement[]> =>
  placeOf(key).apply((place) =>
    fencingStatements(plan.stack, planned(hosts, name, 'instance').fences, place),
  );
