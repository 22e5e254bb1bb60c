import type { EnvironmentConfig } from '../../../config/schema.ts';
import { type Layout, mechanismOf } from '../../addressing.ts';
import { balancerSeat } from '../../seats.ts';
import { noContext } from '../../common.ts';
import type { NamedHost } from '../../contexts.ts';
import { onUnitFileChange, programFile, reloadOrStart, templateFile } from '../../files.ts';
import type { Ends } from '../../flows.ts';
import type { FilePlan, Flow, SecretPlan, VirtualAddress } from '../../model.ts';
import type { KeepalivedContext, VrrpCheck, VrrpContext, VrrpInstance } from './contexts.ts';

/** What front ends have in common whose two hosts pass addresses between them by VRRP. */

/** Position of a balancer: the first is preferred by VRRP. */
export type BalancerIndex = 0 | 1;

export const bothBalancers: readonly BalancerIndex[] = [0, 1];
export const balancerName = (index: BalancerIndex): string => `balancer-${index + 1}`;

/** Name of every rig host's only interface. */
const networkInterface = 'eth0';
/** Alone, so that a balancer never opens connections from an address that may leave it. */
const virtualPrefixLength = 32;

export const namedBalancers = ({
  config: { domain },
  layout,
}: {
  readonly config: EnvironmentConfig;
  readonly layout: Layout;
}): NamedHost[] =>
  bothBalancers.map((index) => ({
    name: balancerName(index),
    fqdn: `${balancerName(index)}.${domain}`,
    address: balancerSeat(layout, index).address,
  }));

/** Ranges of addresses that move, where they are known. */
export const movingRanges = (config: EnvironmentConfig, layout: Layout): string[] =>
  mechanismOf(config) === 'elastic-ip' ? [] : [`${layout.virtualAddress}/32`];

export const vrrpSecrets = ({
  passwordAuthentication,
}: Pick<VrrpSettings, 'passwordAuthentication'>): SecretPlan[] =>
  passwordAuthentication
    ? [
        {
          name: 'vrrp-password',
          kind: 'password',
          // With different ones both balancers would take the address.
          lasting: true,
          why: 'VRRP version 2 between the balancers',
        },
      ]
    : [];

export const vrrpFlow = ({ balancers }: Pick<Ends, 'balancers'>): Flow => ({
  from: balancers,
  to: balancers,
  protocol: 'vrrp',
  ports: [],
  why: 'who holds the virtual address (VRRP)',
});

/** An address that either balancer may hold. */
export const movingAddress = (
  config: EnvironmentConfig,
  { networks }: Layout,
  address: string,
): VirtualAddress => ({
  address,
  mechanism: mechanismOf(config),
  network: networks.find(({ name }) => name === 'front')?.name,
  holders: bothBalancers.map(balancerName),
  movedBy: 'keepalived',
});

type VrrpSettings = EnvironmentConfig['lvsKeepalived']['vrrp'];

export interface VrrpSite {
  readonly index: BalancerIndex;
  readonly layout: Layout;
  readonly announced: boolean;
  readonly vrrp: VrrpSettings;
  readonly check: VrrpCheck | undefined;
  readonly instances: readonly [VrrpInstance, ...VrrpInstance[]];
}

export function vrrpContext({
  index,
  layout,
  announced,
  vrrp,
  check,
  instances,
}: VrrpSite): VrrpContext {
  const other: BalancerIndex = index === 0 ? 1 : 0;
  return {
    version: vrrp.version,
    interface: announced ? networkInterface : undefined,
    // Nobody asks for it by ARP, and what manages the interface leaves this one alone.
    carrier: announced ? undefined : 'lo',
    moved: !announced,
    initialState: vrrp.preempt && index === 0 ? 'MASTER' : 'BACKUP',
    priority: index === 0 ? vrrp.priorities.first : vrrp.priorities.second,
    preempt: vrrp.preempt,
    advertSeconds: vrrp.advertInterval / 1000,
    peers: [balancerSeat(layout, other).address],
    prefixLength: virtualPrefixLength,
    passwordAuthentication: vrrp.passwordAuthentication,
    routerId: instances[0].routerId,
    instances,
    together: instances.length > 1,
    check,
  };
}

/** Files of `templates/keepalived/`. */
export const keepalivedFiles = (context: KeepalivedContext): FilePlan[] => [
  templateFile('keepalived/etc/keepalived/keepalived.conf.hbs', context, {
    onChange: reloadOrStart('keepalived.service'),
  }),
  templateFile(
    'keepalived/etc/systemd/system/keepalived.service.d/10-rabbitmq-ha-kit.conf.hbs',
    context,
    { onChange: onUnitFileChange },
  ),
  programFile('keepalived/usr/local/lib/rabbitmq-ha-kit/keepalived-secrets', noContext),
];
