import { isFlat } from '../../../plan/addressing.ts';
import { pathsOf } from '../../../plan/frontends/lvs/paths.ts';
import { topologyModules } from '../../../plan/topologies/index.ts';
import type { Rule } from '../rule.ts';

/** Fields by which a mode is chosen: the profile states one too. */
export const decisive = ['frontEnd', 'lvsKeepalived.mode', 'lvsKeepalived.profile'];

const noStandby: Rule = ({ topology, frontEnd }) =>
  !topologyModules[topology].standby
    ? []
    : [
        {
          path: 'frontEnd',
          what: 'would send clients back to the active side at its first answer, and knows no delay of a fail-back',
          value: frontEnd,
          allowed: `with topology ${topology}: haproxy-keepalived, direct, external`,
          fix: 'choose haproxy-keepalived',
          related: ['topology'],
        },
      ];

/** In mode dr a packet keeps its addresses, so that only its network card's is left to direct it by. */
const brokersBesideDirectors: Rule = (config) => {
  const { lvsKeepalived, target } = config;
  const { mode, gateway } = pathsOf(config);
  if (isFlat(config) || !(mode === 'dr' || gateway)) return [];
  // Told by its own rule: there it never works.
  if (gateway && target === 'aws') return [];
  return [
    {
      path: mode === 'dr' ? 'lvsKeepalived.mode' : 'lvsKeepalived.sourceNat',
      what:
        mode === 'dr'
          ? 'reaches brokers in the subnet of the directors only, and these are in others'
          : 'needs directors as the gateway of brokers, which are in other subnets',
      value: mode === 'dr' ? mode : String(lvsKeepalived.sourceNat),
      allowed: 'with network.placement: flat, which puts brokers beside the directors',
      fix:
        mode === 'dr'
          ? 'set network.placement: flat before the first up, or mode: nat or tun'
          : 'set network.placement: flat before the first up, or remove the line',
      related: ['network.placement', 'lvsKeepalived.sourceNat', ...decisive],
    },
  ];
};

const sourceNatIsOfNat: Rule = ({ lvsKeepalived: { mode, sourceNat } }) =>
  mode === 'nat' || sourceNat === undefined
    ? []
    : [
        {
          path: 'lvsKeepalived.sourceNat',
          what: `has no effect in mode ${mode}: brokers answer clients past the director`,
          value: String(sourceNat),
          allowed: 'nothing, but with mode: nat',
          fix: 'remove the line, or set mode: nat',
          related: decisive,
        },
      ];

const gatewayIsOfNat: Rule = (config) => {
  const { gatewayAddress } = config.lvsKeepalived;
  if (gatewayAddress === undefined || pathsOf(config).gateway) return [];
  return [
    {
      path: 'lvsKeepalived.gatewayAddress',
      what: 'has no effect: brokers answer clients without a gateway of the directors',
      value: gatewayAddress,
      allowed: 'nothing, but with mode: nat and sourceNat: false',
      fix: 'remove the line',
      related: ['lvsKeepalived.sourceNat', 'target', ...decisive],
    },
  ];
};

const survivableSynchronisation: Rule = (config) => {
  const { synchronisation } = config.lvsKeepalived;
  const { survivable, sourceNat } = pathsOf(config);
  if (synchronisation !== true || survivable) return [];
  return [
    {
      path: 'lvsKeepalived.synchronisation',
      what: sourceNat
        ? 'would promise in vain: translated sources are known to one director only'
        : 'would promise in vain: directors tell each other by multicast, which EC2 does not carry',
      value: 'true',
      allowed: 'on target rig with mode dr or tun, or nat with sourceNat: false',
      fix: 'remove the line: clients reconnect when a director is lost',
      related: ['target', 'lvsKeepalived.sourceNat', ...decisive],
    },
  ];
};

/** It is no host of the kit: only packets with the director's own address come back by themselves. */
const sorryServerOutside: Rule = (config) => {
  const { sorryServer } = config.lvsKeepalived;
  if (sorryServer === undefined || pathsOf(config).sourceNat) return [];
  return [
    {
      path: 'lvsKeepalived.sorryServer',
      what: 'could not answer: it is none of the real servers that the kit sets up for this mode',
      value: sorryServer,
      allowed: 'with mode nat and source NAT',
      fix: 'remove the line, or set mode: nat without sourceNat: false',
      related: ['lvsKeepalived.sourceNat', ...decisive],
    },
  ];
};

export const pathRules: readonly Rule[] = [
  noStandby,
  brokersBesideDirectors,
  sourceNatIsOfNat,
  gatewayIsOfNat,
  survivableSynchronisation,
  sorryServerOutside,
];
