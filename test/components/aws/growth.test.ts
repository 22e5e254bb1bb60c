import { beforeAll, describe, expect, it } from 'vitest';
import { ofType } from '../../../infra/aws/checks/graph.ts';
import { deepMerge } from '../../../infra/config/merge.ts';
import { kinds } from '../../aws/provider/kinds.ts';
import { withCredentials } from '../../lib/aws/credentials.ts';
import { awsEnvironments, configOf, planOf } from '../../lib/aws/environments.ts';
import { keyOf, type RegisteredResource, registeredBy } from '../../lib/aws/mocks.ts';

const { default: program } = await import('../../../infra/index.ts');

withCredentials();

const graphOf = async (stack: string, change: object): Promise<RegisteredResource[]> => {
  const environment = deepMerge(awsEnvironments[stack], change);
  return (await registeredBy(stack, configOf(environment), program)).graph;
};

/** Inputs that AWS would have another resource made for, by resource; of both graphs. */
function replaced(before: readonly RegisteredResource[], after: readonly RegisteredResource[]) {
  const later = new Map(after.map((resource) => [keyOf(resource), resource]));
  return before.flatMap((resource) => {
    const next = later.get(keyOf(resource));
    if (next === undefined) return [];
    const fixed = [...(kinds[resource.type]?.replaces ?? []), ...resource.replaceOnChanges];
    return fixed
      .filter((input) => !resource.ignoreChanges.includes(input))
      .filter((input) => {
        const [top = ''] = input.split('.');
        return JSON.stringify(resource.inputs[top]) !== JSON.stringify(next.inputs[top]);
      })
      .map((input) => `${keyOf(resource)}: ${input}`);
  });
}

/** Hosts that are told of files that they have not had. */
const told = (before: readonly RegisteredResource[], after: readonly RegisteredResource[]) =>
  ofType(before, 'rig:index:HostSecrets').flatMap(({ name, inputs }) => {
    const next = after.find((resource) => resource.name === name);
    const versions = JSON.stringify(inputs['versions']);
    return next && JSON.stringify(next.inputs['versions']) !== versions ? [inputs['host']] : [];
  });

const hostsOf = (graph: readonly RegisteredResource[]) =>
  ofType(graph, 'rig:index:HostSecrets').map(({ inputs }) => inputs['host']);

const brokers = (section: string, count: number): object => ({ [section]: { brokers: count } });

describe.each([
  { stack: 'aws-quorum', section: 'quorumCluster', from: 3, to: 5 },
  { stack: 'aws-haproxy', section: 'quorumCluster', from: 3, to: 7 },
  { stack: 'aws-lvs-nat', section: 'quorumCluster', from: 3, to: 5 },
  { stack: 'secured', section: 'quorumCluster', from: 3, to: 5 },
  { stack: 'aws-mirrored', section: 'mirroredCluster', from: 2, to: 3 },
])('$from brokers of $stack to $to, and back', ({ stack, section, from, to }) => {
  let fewer: RegisteredResource[];
  let more: RegisteredResource[];
  beforeAll(async () => {
    fewer = await graphOf(stack, brokers(section, from));
    more = await graphOf(stack, brokers(section, to));
  });

  it('makes nothing anew that stays', () => {
    expect(hostsOf(more)).toHaveLength(hostsOf(fewer).length + to - from);
    expect(replaced(fewer, more)).toEqual([]);
    expect(replaced(more, fewer)).toEqual([]);
  });

  it('tells every host that stays of the others', () => {
    expect(told(fewer, more)).toEqual(hostsOf(fewer));
  });
});

describe.each(['aws-haproxy', 'aws-warren', 'secured', 'offline'])(
  'one zone more for %s',
  (stack) => {
    it('makes nothing anew, and tells every host of it', async () => {
      const { network } = planOf(stack, awsEnvironments[stack]).settled;
      const zones = [...(network?.matchAll(/zone-(\w+)/g) ?? [])].map(([, zone]) => zone);
      const [next] = ['a', 'b', 'c', 'd'].filter((zone) => !zones.includes(zone));
      const before = await graphOf(stack, {});
      const after = await graphOf(stack, { network: { zones: [...zones, next] } });
      expect(ofType(after, 'aws:ec2/subnet:Subnet').length).toBeGreaterThan(
        ofType(before, 'aws:ec2/subnet:Subnet').length,
      );
      expect(replaced(before, after)).toEqual([]);
      expect(after.map(keyOf)).toEqual(expect.arrayContaining(before.map(keyOf)));
      expect(told(before, after)).toEqual(hostsOf(before));
    });
  },
);

it('what would make a host anew is seen', async () => {
  const small = await graphOf('aws-quorum', {});
  const large = await graphOf('aws-quorum', { brokers: { memory: '6GiB' } });
  expect(replaced(small, large)).toContain(
    'aws:ec2/instance:Instance aws-quorum-broker-1: userDataBase64',
  );
});
