import { describe, expect, it } from 'vitest';
import { layOutDiagram } from '../../../infra/diagram/layout.ts';
import type { Box, Label, Scene, Shape } from '../../../infra/diagram/scene.ts';
import { diagramSvg } from '../../../infra/diagram/svg.ts';
import type { EnvironmentPlan, Flow, HostPlan, Role } from '../../../infra/plan/model.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { pricedConfigs } from '../../lib/aws/priced-environments.ts';
import { plan } from '../../lib/plans.ts';

const shapes = ({ parts }: Scene): Shape[] => parts.filter((part) => part.kind === 'box');
const labels = ({ parts }: Scene): Label[] => parts.filter((part) => part.kind === 'text');
const texts = (environment: EnvironmentPlan): string[] =>
  labels(layOutDiagram(environment)).map(({ text }) => text);

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const inside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** Clients that hold every broker's address: a front end without hosts. */
function withoutBalancers(given: EnvironmentPlan): EnvironmentPlan {
  const clients = given.flows.find(({ from }) => from.kind === 'outside');
  const between = given.flows.filter(
    ({ from, to }) => ![from, to].some((end) => end.kind === 'role' && end.role === 'balancer'),
  );
  const [broker] = between;
  if (clients === undefined || broker === undefined) throw new RangeError('flows are missing');
  const direct: Flow = { ...clients, to: broker.to };
  return {
    ...given,
    hosts: given.hosts.filter(({ roles }) => !roles.includes('balancer')),
    flows: [direct, ...between],
    virtualAddresses: [],
  };
}

/** A role that this module was never told of, below the brokers, in a zone. */
function withWatcher(given: EnvironmentPlan): EnvironmentPlan {
  const [broker] = given.hosts;
  if (broker === undefined) throw new RangeError('hosts are missing');
  const role = 'watcher' as Role;
  const watcher: HostPlan = {
    ...broker,
    name: 'watcher',
    address: '10.77.40.9',
    roles: [role],
    volumes: [],
  };
  const end = { kind: 'role', role, ranges: ['10.77.40.9/32'] } as const;
  const flow = (from: Flow['from'], to: Flow['to'], why: string): Flow => ({
    from,
    to,
    protocol: 'tcp',
    ports: [9100],
    why,
  });
  const ends = given.flows.flatMap(({ from, to }) => [from, to]);
  const find = (name: string) => {
    const found = ends.find((each) => (each.kind === 'role' ? each.role : each.name) === name);
    if (found === undefined) throw new RangeError(`no end ${name}`);
    return found;
  };
  return {
    ...given,
    hosts: [...given.hosts, watcher],
    flows: [
      ...given.flows,
      flow(end, find('broker'), 'what brokers measure'),
      flow(end, find('balancer'), 'what balancers measure'),
      flow(find('clients'), end, 'page of the watcher'),
    ],
  };
}

const zones = (count: number) => ['a', 'b', 'c', 'd', 'e', 'f', 'g'].slice(0, count);
const cases: readonly (readonly [string, EnvironmentPlan])[] = [
  ...[3, 5, 7].flatMap((brokers) =>
    [3, 5, 7].map((count): readonly [string, EnvironmentPlan] => [
      `${brokers} brokers in ${count} zones`,
      plan('quorum-cluster', { quorumCluster: { brokers }, network: { zones: zones(count) } }),
    ]),
  ),
  ['a warren in two zones', plan('warren', { network: { zones: zones(2) } })],
  ['no balancers', withoutBalancers(plan('quorum-cluster'))],
  ['a role in a zone', withWatcher(plan('quorum-cluster'))],
  ['the same beside a warren', withWatcher(plan('warren'))],
  ...Object.entries(pricedConfigs).map(([name, config]): readonly [string, EnvironmentPlan] => [
    `${name} on aws`,
    planEnvironment(config),
  ]),
];

/** What hosts of AWS have around them is told in words. */
const isPictured = ({ from, to, protocol }: Flow): boolean =>
  protocol !== 'icmp' && [from, to].every((end) => end.kind === 'role' || end.name === 'clients');
const isPublic = (name: string): boolean => name.startsWith('public-');
const vipText = ({ address, mechanism }: EnvironmentPlan['virtualAddresses'][number]): string =>
  mechanism === 'elastic-ip' ? 'Elastic IP' : `VIP ${address}`;

describe.each(cases)('%s', (_, environment) => {
  const scene = layOutDiagram(environment);
  const ground = new Set(['zone', 'network']);
  const solid = shapes(scene).filter(({ look }) => !ground.has(look));

  it('covers nothing with anything else', () => {
    for (const [index, one] of solid.entries()) {
      expect(solid.slice(index + 1).filter((other) => overlap(one, other))).toEqual([]);
    }
    const all = labels(scene);
    for (const [index, one] of all.entries()) {
      expect(all.slice(index + 1).filter((other) => overlap(one, other))).toEqual([]);
      const cut = solid.filter((box) => overlap(one, box) && !inside(one, box));
      expect(cut).toEqual([]);
    }
  });

  it('stays inside of its frame', () => {
    const frame = { x: 0, y: 0, width: scene.width, height: scene.height };
    expect([...shapes(scene), ...labels(scene)].filter((part) => !inside(part, frame))).toEqual([]);
  });

  it('shows every host, address, network in use, zone and flow', () => {
    const shown = labels(scene).map(({ text }) => text);
    const expected = [
      ...environment.hosts.flatMap(({ name, address }) => [name, address]),
      ...environment.virtualAddresses.map(vipText),
      ...environment.networks.flatMap(({ zone, name, cidr }) =>
        zone === undefined || isPublic(name) ? [] : [`zone ${zone}`, `${name} ${cidr}`],
      ),
      ...environment.flows.filter(isPictured).map(({ why }) => why),
    ];
    expect(shown).toEqual(expect.arrayContaining(expected));
  });
});

describe('a diagram', () => {
  it('is the same for the same plan', () => {
    expect(diagramSvg(plan('warren'))).toBe(diagramSvg(plan('warren')));
  });

  it('follows the plan: what may no longer connect is gone', () => {
    const given = plan('quorum-cluster');
    const without = { ...given, flows: given.flows.filter(({ ports }) => !ports.includes(4369)) };
    expect(texts(given)).toContain('4369');
    expect(texts(without)).not.toContain('4369');
  });

  it('joins ports that follow each other and names protocols without ports', () => {
    expect(texts(plan('quorum-cluster'))).toEqual(
      expect.arrayContaining(['35672–35675', 'VRRP', 'between brokers', 'clients → balancers']),
    );
  });

  it('says which side of a warren serves, and nothing where all do', () => {
    expect(texts(plan('warren'))).toEqual(expect.arrayContaining(['active', 'standby']));
    expect(texts(plan('quorum-cluster'))).not.toContain('active');
  });

  it('shows a load balancer of AWS by its address in each zone, and what is around its hosts in words', () => {
    const given = planEnvironment(pricedConfigs.nlb);
    const shown = texts(given);
    const addresses = given.aws?.loadBalancers.flatMap(({ places }) => places) ?? [];
    expect(addresses).toHaveLength(3);
    expect(shown).toEqual(expect.arrayContaining(addresses.map(({ address }) => address)));
    expect(shown.filter((text) => text === 'NLB')).toHaveLength(3);
    expect(shown).toEqual(
      expect.arrayContaining([
        '3 brokers and a Network Load Balancer in 3 zones',
        'm7g.large, 100 GiB data',
        'Every host reaches metadata, names and time of the VPC, APIs of AWS and package mirrors. ' +
          'Shells come through the Instance Connect Endpoint. ',
      ]),
    );
    expect(shown).not.toContain('operators');
  });

  it('draws a subnet for balancers in the one zone that it is in', () => {
    const bandOf = (given: EnvironmentPlan): Shape | undefined =>
      shapes(layOutDiagram(given)).find(({ look }) => look === 'network');
    const zonesOf = (given: EnvironmentPlan): Shape[] =>
      shapes(layOutDiagram(given)).filter(({ look }) => look === 'zone');
    const onAws = planEnvironment(pricedConfigs.mirrored);
    const [first] = zonesOf(onAws);
    const band = bandOf(onAws);
    if (first === undefined || band === undefined) throw new Error('nothing is drawn');
    expect(inside(band, first)).toBe(true);
    expect(bandOf(plan('warren'))?.width).toBeGreaterThan(zonesOf(plan('warren'))[0]?.width ?? 0);
  });

  it('escapes what is markup', () => {
    const given = plan('warren');
    const flows = given.flows.map((flow) => ({ ...flow, why: 'a < b & c > d' }));
    expect(diagramSvg({ ...given, flows })).toContain('a &lt; b &amp; c &gt; d');
  });
});
