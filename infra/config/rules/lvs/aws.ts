import type { Rule } from '../rule.ts';
import { onlyOnAws } from '../aws/rule.ts';
import { decisive } from './paths.ts';

/** A route of the VPC leads answers past the director, whatever brokers take for their gateway. */
const sourceNatOnAws: Rule = ({ lvsKeepalived: { mode, sourceNat } }) =>
  mode !== 'nat' || sourceNat !== false
    ? []
    : [
        {
          path: 'lvsKeepalived.sourceNat',
          what: 'loses every answer on aws: a VPC leads it from the broker to the client directly',
          value: 'false',
          allowed: 'true with target aws',
          fix: 'remove the line',
          related: ['target', ...decisive],
        },
      ];

const experimentalModes: Rule = ({ lvsKeepalived: { mode, experimental } }) =>
  mode === 'nat' || experimental
    ? []
    : [
        {
          path: 'lvsKeepalived.mode',
          what: 'is experimental on aws: it goes by what VPCs do with packets of foreign addresses',
          value: mode,
          allowed: 'nat; tun and dr with lvsKeepalived.experimental: true',
          fix: 'set mode: nat, or lvsKeepalived.experimental: true and try it before you need it',
          related: ['target', 'lvsKeepalived.experimental', ...decisive],
        },
      ];

/** AWS translates an Elastic IP to the director's own address, which brokers cannot carry as well. */
const knownAddress: Rule = ({ lvsKeepalived: { mode }, aws: { virtualAddress } }) =>
  mode === 'nat' || virtualAddress.mechanism !== 'elastic-ip'
    ? []
    : [
        {
          path: 'aws.virtualAddress.mechanism',
          what: `gives brokers no address to answer from in mode ${mode}: AWS translates it to that of a director`,
          value: virtualAddress.mechanism,
          allowed: 'overlay or secondary-ip; elastic-ip with mode: nat',
          fix: 'choose overlay, or set lvsKeepalived.mode: nat',
          related: ['target', ...decisive],
        },
      ];

export const lvsAwsRules: readonly Rule[] = [sourceNatOnAws, experimentalModes, knownAddress].map(
  onlyOnAws,
);
