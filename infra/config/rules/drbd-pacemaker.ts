import { addressOf, cidrOf, containsAddress, formatCidr } from '../../cidr.ts';
import {
  balancerRange,
  brokerAddressOf,
  frontBrokerRange,
  hasVirtualAddress,
  longestPrefix,
  mechanismOf,
  reservedAddresses,
  subnetCidr,
} from '../../plan/addressing.ts';
import type { FrontEndName } from '../names.ts';
import type { Problem } from '../problems.ts';
import type { EnvironmentConfig } from '../schema.ts';
import type { Rule } from './rule.ts';

const topology = 'drbd-pacemaker';
const section = 'drbdPacemaker';
const overlayRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];
const frontEnds: readonly FrontEndName[] = ['pacemaker-vip', 'haproxy-keepalived'];

/** The section stays valid while another topology is chosen, whatever it says. */
const whenChosen =
  (rule: Rule): Rule =>
  (config) =>
    config.topology === topology ? rule(config) : [];

const twoHosts: Rule = ({ drbdPacemaker: { brokers } }) =>
  brokers === 2
    ? []
    : [
        {
          path: `${section}.brokers`,
          what: 'is no number of hosts that DRBD 8.4 keeps a disk on',
          value: String(brokers),
          allowed: '2',
          fix: 'remove the line; for more copies choose topology: quorum-cluster',
          related: ['topology'],
        },
      ];

const knowinglyUnfenced: Rule = ({ drbdPacemaker: { fencing, loseDataWithoutFencing } }) =>
  fencing || loseDataWithoutFencing
    ? []
    : [
        {
          path: `${section}.fencing`,
          what: 'is missing: two hosts that lose each other will both write, and what one of them confirmed is lost',
          value: 'false',
          allowed: `true, or false together with ${section}.loseDataWithoutFencing: true`,
          fix: 'remove the line',
          related: [`${section}.loseDataWithoutFencing`],
        },
      ];

const knownFrontEnd: Rule = ({ frontEnd }) =>
  frontEnds.includes(frontEnd)
    ? []
    : [
        {
          path: 'frontEnd',
          what: 'leads to hosts, and of the two of drbd-pacemaker only one has the broker',
          value: frontEnd,
          allowed: frontEnds.join(', '),
          fix: 'set frontEnd: pacemaker-vip',
          related: ['topology'],
        },
      ];

/** An Elastic IP is public, and one host's; the broker's address is the environment's own. */
const movable: Rule = ({ target, aws: { virtualAddress } }) =>
  target !== 'aws' || virtualAddress.mechanism !== 'elastic-ip'
    ? []
    : [
        {
          path: 'aws.virtualAddress.mechanism',
          what: 'gives the broker no address that it can take along: AWS translates an Elastic IP to that of a host',
          value: 'elastic-ip',
          allowed: 'overlay, secondary-ip',
          fix: 'choose overlay, with hosts in two zones, or secondary-ip, with both in one',
          related: ['topology', 'target'],
        },
      ];

/** Clients reach the broker at this one address: of the hosts' own network, or an overlay of none. */
const addressPlace: Rule = (config) => {
  const { virtualAddress } = config.drbdPacemaker;
  // The computed one may be in the network, too, wherever that is.
  if (mechanismOf(config) === 'overlay') return overlayPlace(config, brokerAddressOf(config));
  return virtualAddress === undefined ? [] : frontPlace(config, virtualAddress);
};

function overlayPlace(config: EnvironmentConfig, value: string): Problem[] {
  const problem = (what: string, fix: string): Problem[] => [
    {
      path: `${section}.virtualAddress`,
      what,
      value,
      allowed: `an address of ${overlayRanges.join(', ')} outside of the VPC`,
      fix,
      related: ['target', 'network.cidr', 'aws.virtualAddress.mechanism'],
    },
  ];
  const address = addressOf(value);
  if (containsAddress(cidrOf(config.network.cidr), address)) {
    return problem(
      `is inside the VPC, ${config.network.cidr}: its own routes win over the one that moves`,
      `set ${section}.virtualAddress to another one, or choose aws.virtualAddress.mechanism: secondary-ip`,
    );
  }
  return overlayRanges.some((range) => containsAddress(cidrOf(range), address))
    ? []
    : problem(
        'is no private address, and would hide a real host of the internet',
        `remove the line, or set ${section}.virtualAddress to a private address`,
      );
}

/** Two routes for one address would be one. */
const distinctOverlays: Rule = (config) =>
  mechanismOf(config) === 'overlay' &&
  hasVirtualAddress(config) &&
  brokerAddressOf(config) === config.aws.virtualAddress.overlay
    ? [
        {
          path: 'aws.virtualAddress.overlay',
          what: 'is the address of the broker, which balancers lead to',
          value: config.aws.virtualAddress.overlay,
          allowed: `another one than ${brokerAddressOf(config)}`,
          fix: `choose another address, or another ${section}.virtualAddress`,
          related: ['frontEnd', 'target', `${section}.virtualAddress`],
        },
      ]
    : [];

function frontPlace(config: EnvironmentConfig, virtualAddress: string): Problem[] {
  const { network, haproxyKeepalived } = config;
  const computed = network.subnets['front'] === undefined;
  if (computed && cidrOf(network.cidr).prefix > longestPrefix.environment) return [];
  const front = subnetCidr(network, 'front');
  if (front.prefix > longestPrefix.front) return [];
  const ranges = [balancerRange(front), frontBrokerRange(front)];
  const problem = (what: string): Problem[] => [
    {
      path: `${section}.virtualAddress`,
      what,
      value: virtualAddress,
      allowed: `an address of ${formatCidr(front)} outside ${ranges.map(formatCidr).join(' and ')}, neither the router's nor the network's own`,
      fix: 'choose another address, or remove the line for a computed one',
      related: ['network.cidr', 'network.subnets.front'],
    },
  ];
  const address = addressOf(virtualAddress);
  if (!containsAddress(front, address)) return problem('is outside the front network');
  if (reservedAddresses(config, front).includes(virtualAddress)) {
    return problem('is taken by the network');
  }
  if (virtualAddress === haproxyKeepalived.virtualAddress) {
    return problem('is the address of the balancers');
  }
  return ranges.some((range) => containsAddress(range, address))
    ? problem("is in the hosts' own range")
    : [];
}

const vipNeedsPacemaker: Rule = (config) =>
  config.frontEnd === 'pacemaker-vip' && config.topology !== topology
    ? [
        {
          path: 'frontEnd',
          what: 'is an address that Pacemaker moves with the broker, which only drbd-pacemaker has',
          value: 'pacemaker-vip',
          allowed: 'haproxy-keepalived, lvs-keepalived, direct, external',
          fix: 'choose one of these, or topology: drbd-pacemaker',
          related: ['topology'],
        },
      ]
    : [];

export const drbdPacemakerRules: readonly Rule[] = [
  ...[twoHosts, knowinglyUnfenced, knownFrontEnd, movable, addressPlace, distinctOverlays].map(
    whenChosen,
  ),
  vipNeedsPacemaker,
];
