import { describe, expect, it } from 'vitest';
import { addressOf, cidrOf, containsAddress } from '../../../infra/cidr.ts';
import { topologies } from '../../../infra/config/names.ts';
import { instanceFacts, knownFamilies } from '../../../infra/plan/aws/instance-types.ts';
import type { AwsPlan } from '../../../infra/plan/aws.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import { forAnyBroker, goTogether, movesBy } from '../../lib/combinations.ts';
import { allows, ofRole, plan } from '../../lib/plans.ts';

const region = 'eu-central-1';
const onAws = (
  aws: object = {},
  rest: object = {},
  topology: (typeof topologies)[number] = 'quorum-cluster',
): EnvironmentPlan => plan(topology, { target: 'aws', aws: { region, ...aws }, ...rest });
const part = (environment: EnvironmentPlan): AwsPlan => {
  if (environment.aws === undefined) throw new Error('the plan has no part for aws');
  return environment.aws;
};
const mechanisms = {
  overlay: {},
  'secondary-ip': { virtualAddress: { mechanism: 'secondary-ip' } },
  'elastic-ip': { virtualAddress: { mechanism: 'elastic-ip' }, goldenImage: true },
};

it('only aws has a part of its own', () => {
  expect(plan('quorum-cluster').aws).toBeUndefined();
});

const combinations = topologies.flatMap((topology) =>
  [
    ...[...forAnyBroker, 'lvs-keepalived' as const, 'pacemaker-vip' as const].filter((frontEnd) =>
      goTogether(frontEnd, topology),
    ),
    ...(/-cluster$/.test(topology) ? ['nlb' as const] : []),
  ].flatMap((frontEnd) =>
    Object.entries(mechanisms)
      .filter(([name]) => movesBy(name, topology))
      .map(([name, aws]) => ({ topology, frontEnd, name, aws })),
  ),
);

describe.each(combinations)('$topology, $frontEnd, $name', ({ topology, frontEnd, aws }) => {
  const environment = onAws(aws, { frontEnd, monitoring: { enabled: true } }, topology);
  const { hosts, networks } = environment;

  it('has every host in a subnet of its own zone', () => {
    for (const { network, address, zone } of hosts) {
      const own = networks.find(({ name }) => name === network);
      expect(own && containsAddress(cidrOf(own.cidr), addressOf(address))).toBe(true);
      expect(part(environment).subnets[network]?.availabilityZone).toBe(`${region}${zone}`);
    }
    expect(new Set(hosts.map(({ address }) => address)).size).toBe(hosts.length);
  });

  it('keeps to the first four addresses and the last that EC2 takes of each subnet', () => {
    for (const { address, network } of hosts) {
      const { base } = cidrOf(networks.find(({ name }) => name === network)?.cidr ?? '');
      expect(addressOf(address) - base).toBeGreaterThan(3);
    }
  });

  it('tells every host where its secrets and volumes are', () => {
    const { parameters } = part(environment);
    for (const { secrets } of hosts) {
      for (const secret of secrets) {
        expect(parameters[secret]).toEqual({
          name: `/rabbitmq-ha-kit/trial/${secret}`,
          brought: false,
        });
      }
    }
  });

  it('lets hosts reach what EC2 serves, and nobody come in but through the plan', () => {
    const anywhere = environment.flows.filter(({ from }) => from.ranges.includes('0.0.0.0/0'));
    expect(anywhere).toEqual([]);
    for (const { address } of hosts) {
      expect(allows(environment.flows, address, '169.254.169.254', 80)).toBe(true);
      expect(allows(environment.flows, '198.51.100.7', address, 22)).toBe(false);
    }
  });

  it('names every host', () => {
    expect(part(environment).names).toEqual(
      expect.arrayContaining(
        hosts.map(({ fqdn, address }) => ({ name: fqdn, to: { kind: 'address', address } })),
      ),
    );
  });
});

describe('the virtual address on aws', () => {
  const balancers = (aws: object) => ofRole(onAws(aws), 'balancer');

  it('as an overlay moves between zones', () => {
    const environment = onAws();
    expect(environment.virtualAddresses).toEqual([
      {
        address: '10.255.255.10',
        mechanism: 'overlay',
        network: undefined,
        holders: ['balancer-1', 'balancer-2'],
        movedBy: 'keepalived',
      },
    ]);
    expect(balancers({}).map(({ zone, address }) => [zone, address])).toEqual([
      ['a', '10.77.28.11'],
      ['b', '10.77.44.12'],
    ]);
    const { hosts } = part(environment);
    expect(hosts['balancer-1']?.sourceDestCheck).toBe(false);
    expect(hosts['broker-1']?.sourceDestCheck).toBe(true);
  });

  it('as a secondary address stays in one subnet', () => {
    const aws = mechanisms['secondary-ip'];
    expect(onAws(aws).virtualAddresses[0]).toMatchObject({
      address: '10.77.0.10',
      network: 'front',
    });
    expect(balancers(aws).map(({ zone, network }) => [zone, network])).toEqual([
      ['a', 'front'],
      ['a', 'front'],
    ]);
  });

  it('as an Elastic IP is chosen by AWS, and reached by a name', () => {
    const environment = onAws(mechanisms['elastic-ip']);
    expect(part(environment)).toMatchObject({
      virtualAddresses: [{ mechanism: 'elastic-ip', address: undefined }],
      names: expect.arrayContaining([
        { name: 'rabbitmq.trial.internal', to: { kind: 'elastic-address' } },
      ]) as unknown,
    });
    expect(environment.endpoints[0]?.servers[0].address).toBe('rabbitmq.trial.internal');
    for (const { network } of ofRole(environment, 'balancer')) {
      expect(part(environment).subnets[network]?.reach).toBe('public');
    }
  });
});

describe('a load balancer of AWS', () => {
  it('stands in every zone and leads to all brokers, by an answer of the broker', () => {
    const environment = onAws({}, { frontEnd: 'nlb', tls: { enabled: true } });
    const [front, ...others] = part(environment).loadBalancers;
    expect(others).toEqual([]);
    expect(front?.places.map(({ address }) => address)).toEqual([
      '10.77.28.11',
      '10.77.44.12',
      '10.77.60.13',
    ]);
    expect(front?.listeners.map(({ port, healthCheck }) => [port, healthCheck.port])).toEqual([
      [5671, 15_671],
      [15_671, 15_671],
    ]);
    for (const { targets, healthCheck } of front?.listeners ?? []) {
      expect(targets.map(({ host }) => host)).toEqual(['broker-1', 'broker-2', 'broker-3']);
      expect(healthCheck).toMatchObject({ protocol: 'https', path: '/favicon.ico' });
      for (const { address } of front?.places ?? []) {
        for (const broker of ofRole(environment, 'broker')) {
          expect(allows(environment.flows, address, broker.address, healthCheck.port)).toBe(true);
        }
      }
    }
    expect(environment.hosts.map(({ roles }) => roles[0])).not.toContain('balancer');
    expect(environment.secrets.find(({ name }) => name === 'certificate-broker-1')).toMatchObject({
      names: expect.arrayContaining(['rabbitmq.trial.internal']) as unknown,
    });
  });
});

describe('sshd', () => {
  const exempt = (environment: EnvironmentPlan) =>
    environment.hosts.map(({ release, files }) => ({
      release,
      operators: files.find(({ template }) => template.includes('/sshd_config.d/'))?.context[
        'operators'
      ],
    }));
  const trixie = (operators: unknown) => [
    ...Array<unknown>(5).fill({ release: 'trixie', operators }),
  ];

  it('does not refuse all operators for the failed login of one', () => {
    const session = { goldenImage: true, access: { method: 'session-manager' } };
    expect(exempt(onAws())).toEqual(trixie(['10.77.16.0/20']));
    expect(exempt(onAws(session))).toEqual(trixie(['127.0.0.1', '::1']));
    expect(exempt(onAws({ access: { method: 'none' } }))).toEqual(trixie(undefined));
  });

  it('of Debian 12 is not told an option that it does not know: it would not start', () => {
    const hosts = exempt(onAws({}, {}, 'mirrored-cluster'));
    const old = hosts.filter(({ release }) => release === 'bookworm');
    expect(old.length).toBeGreaterThan(2);
    expect(old.every(({ operators }) => operators === undefined)).toBe(true);
  });
});

describe('the ways out', () => {
  const subnets = (aws: object) => Object.keys(part(onAws(aws)).subnets);
  it('need public subnets where there are gateways', () => {
    expect(subnets({})).toEqual(['zone-a', 'zone-b', 'zone-c', 'public-a']);
    expect(subnets({ nat: 'per-zone' })).toHaveLength(6);
    expect(subnets({ nat: 'none', goldenImage: true })).toEqual(['zone-a', 'zone-b', 'zone-c']);
  });
  it('lead to package mirrors only without a golden image', () => {
    const mirrors = (aws: object) =>
      onAws(aws).flows.filter(({ to }) => to.kind === 'outside' && to.name === 'package-mirrors');
    expect(mirrors({})).toHaveLength(2);
    expect(mirrors({ goldenImage: true })).toEqual([]);
  });
});

describe('what is brought', () => {
  it('as a parameter is named as the user names it', () => {
    const secrets = { parameters: { 'erlang-cookie': '/shop/cookie' } };
    const environment = onAws({ secrets });
    expect(part(environment).parameters['erlang-cookie']).toEqual({
      name: '/shop/cookie',
      brought: true,
    });
  });
  it('as a VPC gives its subnets their ids', () => {
    const vpc = {
      id: 'vpc-0123456789abcdef0',
      subnets: { a: 'subnet-0000000a', b: 'subnet-0000000b', c: 'subnet-0000000c' },
      routeTables: ['rtb-0000000a'],
      endpoints: 'present',
    };
    const subnetsOf = { a: '10.77.16.0/20', b: '10.77.32.0/20', c: '10.77.48.0/20' };
    const aws = part(onAws({ vpc }, { network: { subnets: subnetsOf } }));
    expect(aws.vpc).toEqual({
      cidr: '10.77.0.0/16',
      own: { id: vpc.id, routeTables: vpc.routeTables },
      endpoints: [],
    });
    expect(aws.nat).toBeUndefined();
    expect(Object.values(aws.subnets).map(({ id }) => id)).toEqual(Object.values(vpc.subnets));
  });
});

describe('instance types', () => {
  it.each([
    ['m7g.large', 8192, 'arm64'],
    ['r7i.2xlarge', 65_536, 'x86_64'],
    ['c6gd.medium', 2048, 'arm64'],
    ['t3.small', 2048, 'x86_64'],
    ['t4g.micro', 1024, 'arm64'],
  ])('%s has %i MiB', (type, memoryMiB, architecture) => {
    expect(instanceFacts(type)).toEqual({ memoryMiB, architecture });
  });
  it.each(['m7i.medium', 'm7g.huge', 'x9.large', 't3', ''])('%j is not known', (type) => {
    expect(instanceFacts(type)).toBeUndefined();
  });
  it('of every family are known', () => {
    for (const family of knownFamilies) expect(instanceFacts(`${family}.large`)).toBeDefined();
  });
});
