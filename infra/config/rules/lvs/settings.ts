import { addressOf, cidrOf, containsAddress } from '../../../cidr.ts';
import { layOut, longestPrefix } from '../../../plan/addressing.ts';
import { pathsOf } from '../../../plan/frontends/lvs/paths.ts';
import type { Problem } from '../../problems.ts';
import { type Rule, showDuration } from '../rule.ts';
import { statedWeights } from '../weights.ts';
import { decisive } from './paths.ts';

const section = 'lvsKeepalived';

/** Idle AMQP connections live by their heartbeats alone; two of them must fit. */
const idleAboveHeartbeat: Rule = ({ rabbitmq, lvsKeepalived: { idleTimeout } }) =>
  idleTimeout >= 2 * rabbitmq.heartbeat
    ? []
    : [
        {
          path: `${section}.idleTimeout`,
          what: 'would forget idle AMQP connections between two heartbeats',
          value: showDuration(idleTimeout),
          allowed: `at least twice rabbitmq.heartbeat: ${showDuration(2 * rabbitmq.heartbeat)}`,
          fix: 'raise the timeout or shorten the heartbeat',
          related: ['rabbitmq.heartbeat', `${section}.profile`],
        },
      ];

const schedulerKnowsWeights: Rule = (config) => {
  const { scheduler } = config.lvsKeepalived;
  if (scheduler !== 'rr' && scheduler !== 'lc') return [];
  return statedWeights(config)
    .filter(([, weight]) => weight !== 0)
    .map(([path, weight]): Problem => ({
      path,
      what: `has no effect: scheduler ${scheduler} gives all brokers the same share`,
      value: String(weight),
      allowed: 'nothing, 0 or 1',
      fix: `remove the line, or set ${section}.scheduler: w${scheduler}`,
      related: [`${section}.scheduler`, `${section}.profile`, 'frontEnd', 'topology'],
    }));
};

/** The second address is another group, numbered after the first. */
const roomForSecondGroup: Rule = (config) =>
  !pathsOf(config).gateway || config.lvsKeepalived.vrrp.routerId < 255
    ? []
    : [
        {
          path: `${section}.vrrp.routerId`,
          what: 'leaves no number for the group of the gateway address, which takes the next one',
          value: '255',
          allowed: '1 to 254 with sourceNat: false',
          fix: 'choose a smaller number',
          related: [`${section}.sourceNat`, 'target', ...decisive],
        },
      ];

const distinctAddresses: Rule = (config) => {
  const { cidr, subnets } = config.network;
  const computed = subnets['front'] === undefined;
  if (!pathsOf(config).gateway) return [];
  if (computed && cidrOf(cidr).prefix > longestPrefix.environment) return [];
  const { virtualAddress, gatewayAddress } = layOut(config);
  if (virtualAddress !== gatewayAddress) return [];
  return [
    {
      path: `${section}.gatewayAddress`,
      what: 'is the virtual address, which clients connect to',
      value: gatewayAddress,
      allowed: 'another free address of the front network',
      fix: 'state another one',
      related: [
        `${section}.virtualAddress`,
        `${section}.sourceNat`,
        'network.cidr',
        'network.subnets.front',
        ...decisive,
      ],
    },
  ];
};

const foreignSorryServer: Rule = ({ network, lvsKeepalived: { sorryServer } }) =>
  sorryServer === undefined || !containsAddress(cidrOf(network.cidr), addressOf(sorryServer))
    ? []
    : [
        {
          path: `${section}.sorryServer`,
          what: 'is inside the environment, whose hosts are brokers or no servers at all',
          value: sorryServer,
          allowed: `an address outside of network.cidr: ${network.cidr}`,
          fix: 'name a server of another environment, or remove the line',
          related: ['network.cidr'],
        },
      ];

export const lvsSettingRules: readonly Rule[] = [
  idleAboveHeartbeat,
  schedulerKnowsWeights,
  roomForSecondGroup,
  distinctAddresses,
  foreignSorryServer,
];
