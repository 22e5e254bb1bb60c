import { addressOf, cidrOf, contains, containsAddress } from '../../../cidr.ts';
import {
  hasVirtualAddress,
  movesAddress,
  natOf,
  sectionOf,
  subnetNames,
} from '../../../plan/addressing.ts';
import type { Problem } from '../../problems.ts';
import { onlyOnAws } from './rule.ts';
import type { Rule } from '../rule.ts';

/** Largest network of a VPC. */
const shortestPrefix = 16;
/** Narrower than the internet: a mistyped prefix must not open everything. */
const shortestClients = 8;
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

const vpcFits: Rule = ({ network: { cidr } }) =>
  cidrOf(cidr).prefix >= shortestPrefix
    ? []
    : [
        {
          path: 'network.cidr',
          what: 'is larger than a VPC can be',
          value: cidr,
          allowed: `a prefix of /${shortestPrefix} or longer`,
          fix: 'choose a smaller network, e.g. 10.77.0.0/16',
        },
      ];

const subnetsInside: Rule = ({ network: { cidr, subnets } }) =>
  Object.entries(subnets)
    .filter(([, subnet]) => !contains(cidrOf(cidr), cidrOf(subnet)))
    .map(([name, subnet]) => ({
      path: `network.subnets.${name}`,
      what: 'is outside of the network of the VPC',
      value: subnet,
      allowed: `inside network.cidr: ${cidr}`,
      fix: 'choose a subnet inside it, or change network.cidr',
      related: ['network.cidr'],
    }));

const fewClients: Rule = ({ network: { clients } }) =>
  clients.flatMap((client, index) =>
    cidrOf(client).prefix >= shortestClients
      ? []
      : [
          {
            path: `network.clients[${index}]`,
            what: 'is open to the world',
            value: client,
            allowed: `networks with a prefix of /${shortestClients} or longer`,
            fix: 'name the networks that clients are in',
          },
        ],
  );

const overlayOutside: Rule = (config) => {
  const { cidr } = config.network;
  const { mechanism, overlay } = config.aws.virtualAddress;
  if (mechanism !== 'overlay' || !hasVirtualAddress(config)) return [];
  const address = addressOf(overlay);
  const inside = containsAddress(cidrOf(cidr), address);
  if (!inside && privateRanges.some((range) => containsAddress(cidrOf(range), address))) return [];
  return [
    {
      path: 'aws.virtualAddress.overlay',
      what: inside
        ? `is inside the VPC, ${cidr}: its own routes win over the one that moves`
        : 'is no private address, and would hide a real host of the internet',
      value: overlay,
      allowed: `an address of ${privateRanges.join(', ')} outside of the VPC`,
      fix: 'choose another address, e.g. 10.255.255.10, or mechanism: secondary-ip',
      related: ['network.cidr', 'frontEnd', 'aws.virtualAddress.mechanism'],
    },
  ];
};

const statedWhereItCounts: Rule = (config) => {
  const section = sectionOf(config);
  const { virtualAddress } = config[section];
  const { mechanism } = config.aws.virtualAddress;
  if (virtualAddress === undefined || mechanism === 'secondary-ip') return [];
  return [
    {
      path: `${section}.virtualAddress`,
      what: `has no effect with mechanism ${mechanism}`,
      value: virtualAddress,
      allowed: 'nothing, but with aws.virtualAddress.mechanism: secondary-ip',
      fix:
        mechanism === 'overlay'
          ? 'set aws.virtualAddress.overlay in its place'
          : 'remove the line: AWS chooses the address',
      related: ['frontEnd', 'aws.virtualAddress.mechanism'],
    },
  ];
};

/** Ids and networks of subnets belong together in a VPC of one's own, and nowhere else. */
const ownSubnets: Rule = (config) => {
  const { vpc, virtualAddress } = config.aws;
  const related = ['aws.vpc.id', 'frontEnd', 'aws.virtualAddress.mechanism', 'network.zones'];
  if (vpc.id === undefined) {
    return Object.entries(vpc.subnets).map(([name, id]) => ({
      path: `aws.vpc.subnets.${name}`,
      what: 'is a subnet of no VPC: the kit makes one, and its subnets',
      value: id,
      allowed: 'nothing without aws.vpc.id',
      fix: 'set aws.vpc.id, or remove the line',
      related,
    }));
  }
  const names = subnetNames(config);
  const missing = names.flatMap((name): Problem[] => {
    const shared = name === 'front' && virtualAddress.mechanism === 'secondary-ip';
    const fix = 'set it to the subnet of your VPC';
    return [
      ...(vpc.subnets[name] === undefined
        ? [
            {
              path: `aws.vpc.subnets.${name}`,
              what: shared
                ? 'is missing: a secondary address stays in its subnet, which all that may hold it must share'
                : 'is missing: the kit makes no subnets in a VPC of your own',
              allowed: 'the id of a subnet, e.g. subnet-0123456789abcdef0',
              fix: shared ? `${fix}, or choose mechanism: overlay` : fix,
              related,
            },
          ]
        : []),
      ...(config.network.subnets[name] === undefined
        ? [
            {
              path: `network.subnets.${name}`,
              what: 'is missing: addresses are planned from the network of each subnet',
              allowed: 'the network of your subnet, e.g. 10.77.16.0/20',
              fix: 'set it to what the VPC says',
              related,
            },
          ]
        : []),
    ];
  });
  const unknown = Object.entries(vpc.subnets)
    .filter(([name]) => !names.includes(name))
    .map(([name, id]) => ({
      path: `aws.vpc.subnets.${name}`,
      what: 'is a subnet for nothing',
      value: id,
      allowed: names.join(', '),
      fix: 'remove the line',
      related,
    }));
  return [...missing, ...unknown];
};

/** Their ids come to hosts in one tag, whose value has at most 256 letters. */
const mostRouteTables = 11;

const fewRouteTables: Rule = ({ aws: { vpc } }) =>
  vpc.routeTables.length <= mostRouteTables
    ? []
    : [
        {
          path: 'aws.vpc.routeTables',
          what: 'are more than a host can be told of',
          value: `${vpc.routeTables.length} tables`,
          allowed: `at most ${mostRouteTables}`,
          fix: 'name those of the subnets of hosts and clients only, or choose mechanism: secondary-ip',
        },
      ];

const ownRoutes: Rule = ({ frontEnd, topology, aws: { vpc, virtualAddress } }) => {
  const needed = movesAddress({ frontEnd, topology }) && virtualAddress.mechanism === 'overlay';
  const related = ['aws.vpc.id', 'frontEnd', 'topology', 'aws.virtualAddress.mechanism'];
  if (vpc.id !== undefined && needed && vpc.routeTables.length === 0) {
    return [
      {
        path: 'aws.vpc.routeTables',
        what: 'are missing: an overlay address is a route in each of them',
        allowed: 'ids of route tables, e.g. rtb-0123456789abcdef0',
        fix: 'name those of the subnets of hosts and clients, or choose mechanism: secondary-ip',
        related,
      },
    ];
  }
  if (vpc.routeTables.length === 0 || (vpc.id !== undefined && needed)) return [];
  return [
    {
      path: 'aws.vpc.routeTables',
      what: 'are not looked at',
      value: vpc.routeTables.join(', '),
      allowed: 'nothing, but with a VPC of your own and an overlay address',
      fix: 'remove the line',
      related,
    },
  ];
};

const ownWayOut: Rule = ({ aws: { vpc, nat } }) =>
  vpc.id === undefined || nat === undefined
    ? []
    : [
        {
          path: 'aws.nat',
          what: 'has no effect: a VPC of your own has its own way out, or none',
          value: nat,
          allowed: 'nothing with aws.vpc.id',
          fix: 'remove the line',
          related: ['aws.vpc.id'],
        },
      ];

const wayToPackages: Rule = ({ frontEnd, aws }) => {
  if (aws.goldenImage) return [];
  const fix = 'make images that hold every package and set aws.goldenImage: true';
  const noWay =
    natOf(aws) === 'none'
      ? [
          {
            path: 'aws.nat',
            what: 'leaves hosts without a way to the packages that Debian images lack',
            value: 'none',
            allowed: 'one or per-zone without a golden image',
            fix: `set aws.nat: one, or ${fix}`,
            related: ['aws.goldenImage', 'aws.vpc.id'],
          },
        ]
      : [];
  const elastic = hasVirtualAddress({ frontEnd }) && aws.virtualAddress.mechanism === 'elastic-ip';
  const onlyHolder = elastic
    ? [
        {
          path: 'aws.virtualAddress.mechanism',
          what: 'leaves the balancer that does not hold the address without a way to packages',
          value: 'elastic-ip',
          allowed: 'overlay or secondary-ip without a golden image',
          fix: `choose overlay, or ${fix}`,
          related: ['aws.goldenImage', 'frontEnd'],
        },
      ]
    : [];
  return [...noWay, ...onlyHolder];
};

export const networkRules = [
  vpcFits,
  subnetsInside,
  fewClients,
  overlayOutside,
  statedWhereItCounts,
  ownSubnets,
  ownRoutes,
  fewRouteTables,
  ownWayOut,
  wayToPackages,
].map(onlyOnAws);
