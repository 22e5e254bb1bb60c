import {
  addressOf,
  type Cidr,
  cidrOf,
  contains,
  containsAddress,
  formatCidr,
  overlaps,
} from '../../cidr.ts';
import {
  balancerRange,
  brokerRange,
  isFlat,
  longestPrefix,
  reservedAddresses,
  sectionOf,
  subnetCidr,
  subnetNames,
} from '../../plan/addressing.ts';
import { suggest } from '../../suggest.ts';
import type { EnvironmentConfig } from '../schema.ts';
import type { Rule } from './rule.ts';

/** What says which subnets there are. */
const decisive = [
  'target',
  'frontEnd',
  'network.placement',
  'aws.virtualAddress.mechanism',
  'aws.nat',
];

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

const privateNetworks: Rule = ({ network }) =>
  [
    { path: 'network.cidr', cidr: network.cidr },
    ...Object.entries(network.subnets).map(([name, cidr]) => ({
      path: `network.subnets.${name}`,
      cidr,
    })),
  ]
    .filter(({ cidr }) => !privateRanges.some((range) => contains(cidrOf(range), cidrOf(cidr))))
    .map(({ path, cidr }) => ({
      path,
      what: 'is not a private network, and would hide real hosts of the internet',
      value: cidr,
      allowed: `inside ${privateRanges.join(', ')}`,
      fix: 'choose a private network, e.g. 10.77.0.0/16',
    }));

const roomyNetwork: Rule = (config) => {
  const { cidr, subnets } = config.network;
  const computed = subnetNames(config).some((name) => subnets[name] === undefined);
  return !computed || cidrOf(cidr).prefix <= longestPrefix.environment
    ? []
    : [
        {
          path: 'network.cidr',
          what: 'is too small to be cut into sixteen subnets with a range for each role',
          value: cidr,
          allowed: `a prefix of /${longestPrefix.environment} or shorter`,
          fix: 'choose a larger network, or state each subnet under network.subnets',
          related: ['network.subnets', 'network.zones'],
        },
      ];
};

const distinctZones: Rule = ({ network: { zones } }) =>
  zones
    .map((zone, index) => ({ zone, index }))
    .filter(({ zone, index }) => zones.indexOf(zone) !== index || zone === 'front')
    .map(({ zone, index }) => ({
      path: `network.zones[${index}]`,
      what: zone === 'front' ? 'is the name of the network that spans zones' : 'is named twice',
      value: zone,
      allowed: 'names that differ, none of them `front`',
      fix: 'rename the zone or remove it',
      related: ['network.zones'],
    }));

const knownSubnets: Rule = (config) => {
  const { subnets } = config.network;
  const names = subnetNames(config);
  return Object.keys(subnets)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const near = suggest(name, names);
      return {
        path: `network.subnets.${name}`,
        what: 'belongs to no zone',
        value: subnets[name],
        allowed: names.join(', '),
        fix: near === undefined ? 'remove the line' : `did you mean ${near}?`,
        related: ['network.zones', ...decisive],
      };
    });
};

const roomySubnets: Rule = ({ network: { subnets, placement } }) =>
  Object.entries(subnets)
    .map(([name, cidr]) => {
      return { name, cidr, longest: longestFor(name, placement) };
    })
    .filter(({ cidr, longest }) => cidrOf(cidr).prefix > longest)
    .map(({ name, cidr, longest }) => ({
      path: `network.subnets.${name}`,
      what: 'is too small for the ranges of its roles',
      value: cidr,
      allowed: `a prefix of /${longest} or shorter`,
      fix: 'choose a larger subnet, or remove the line for a computed one',
      related: ['network.placement'],
    }));

function longestFor(name: string, placement: EnvironmentConfig['network']['placement']): number {
  if (name === 'front') return placement === 'flat' ? longestPrefix.flat : longestPrefix.front;
  return name.startsWith('public-') ? longestPrefix.public : longestPrefix.zone;
}

interface Named {
  readonly path: string;
  readonly cidr: Cidr;
}

const separateSubnets: Rule = (config) => {
  const all = subnetsOf(config);
  return all.flatMap((one, index) =>
    all
      .slice(0, index)
      .filter((other) => overlaps(one.cidr, other.cidr))
      .map((other) => ({
        path: one.path,
        what: `overlaps ${other.path}, ${formatCidr(other.cidr)}`,
        value: formatCidr(one.cidr),
        allowed: 'subnets that share no address',
        fix: 'choose another range for one of the two',
        related: [other.path, 'network.cidr', 'network.zones'],
      })),
  );
};

/** Computed subnets first, so that the culprit that is named is one that can be changed. */
function subnetsOf(config: EnvironmentConfig): Named[] {
  const { network } = config;
  const names = [...new Set(subnetNames(config))];
  const stated = names.filter((name) => network.subnets[name] !== undefined);
  const divisible = cidrOf(network.cidr).prefix <= longestPrefix.environment;
  const computed = divisible ? names.filter((name) => !stated.includes(name)) : [];
  return [
    ...computed.map((name) => ({ path: `computed subnet ${name}`, name })),
    ...stated.map((name) => ({ path: `network.subnets.${name}`, name })),
  ].map(({ path, name }) => ({ path, cidr: subnetCidr(network, name) }));
}

// Clients on aws are inside, unless others are named; see aws rules.
const clientsOutside: Rule = ({ target, network }) => {
  if (target === 'aws') return [];
  const inside: Named[] = [
    { path: 'network.cidr', cidr: cidrOf(network.cidr) },
    ...Object.entries(network.subnets).map(([name, cidr]) => ({
      path: `network.subnets.${name}`,
      cidr: cidrOf(cidr),
    })),
  ];
  return network.clients.flatMap((client, index) => {
    const other = inside.find(({ cidr }) => overlaps(cidr, cidrOf(client)));
    if (other === undefined) return [];
    return [
      {
        path: `network.clients[${index}]`,
        what: `overlaps ${other.path}, ${formatCidr(other.cidr)}`,
        value: client,
        allowed: 'networks outside the environment',
        fix: 'remove it, narrow it, or move the environment with network.cidr',
        related: [other.path],
      },
    ];
  });
};

/** Addresses that move between hosts, as the config states them. */
function movingAddresses(config: EnvironmentConfig): { path: string; address: string }[] {
  const section = sectionOf(config);
  const stated = [
    { path: `${section}.virtualAddress`, address: config[section].virtualAddress },
    ...(section === 'lvsKeepalived'
      ? [{ path: `${section}.gatewayAddress`, address: config[section].gatewayAddress }]
      : []),
  ];
  return stated.flatMap(({ path, address }) => (address === undefined ? [] : [{ path, address }]));
}

const virtualAddressPlace: Rule = (config) => {
  const { network } = config;
  // Elsewhere the section `aws` says which it is.
  if (config.target === 'aws' && config.aws.virtualAddress.mechanism !== 'secondary-ip') return [];
  const computed = network.subnets['front'] === undefined;
  if (computed && cidrOf(network.cidr).prefix > longestPrefix.environment) return [];
  const front = subnetCidr(network, 'front');
  if (front.prefix > longestPrefix.front) return [];
  const taken = [
    { range: balancerRange(front), what: "is in the balancers' own range" },
    ...(isFlat(config)
      ? [{ range: brokerRange(front), what: "is in the brokers' own range" }]
      : []),
  ];
  return movingAddresses(config).flatMap(({ path, address }) => {
    const number = addressOf(address);
    const what = !containsAddress(front, number)
      ? 'is outside the front network'
      : reservedAddresses(config, front).includes(address)
        ? 'is taken by the network'
        : taken.find(({ range }) => containsAddress(range, number))?.what;
    if (what === undefined) return [];
    const ranges = taken.map(({ range }) => formatCidr(range)).join(' and ');
    return [
      {
        path,
        what,
        value: address,
        allowed: `an address of ${formatCidr(front)} outside ${ranges}, neither the router's nor the network's own`,
        fix: 'choose another address, or remove the line for a computed one',
        related: ['network.cidr', 'network.subnets.front', 'network.placement', 'frontEnd'],
      },
    ];
  });
};

/** A subnet of EC2 is in one zone: what is meant for several would be lost with it. */
const flatPlacement: Rule = ({ target, frontEnd, network, lvsKeepalived }) =>
  network.placement === 'zones' ||
  target === 'rig' ||
  (frontEnd === 'lvs-keepalived' && lvsKeepalived.mode === 'dr')
    ? []
    : [
        {
          path: 'network.placement',
          what: 'puts every broker into one availability zone: a subnet of EC2 is in one',
          value: 'flat',
          allowed: 'zones with target aws; flat for lvs-keepalived with mode dr alone',
          fix: 'remove the line',
          related: ['target', 'frontEnd', 'lvsKeepalived.mode', 'lvsKeepalived.profile'],
        },
      ];

export const networkRules: readonly Rule[] = [
  privateNetworks,
  roomyNetwork,
  distinctZones,
  knownSubnets,
  roomySubnets,
  separateSubnets,
  clientsOutside,
  virtualAddressPlace,
  flatPlacement,
];
