import { frontAddress, mechanismOf } from '../addressing.ts';
import { balancerSeat } from '../seats.ts';
import type { FirewallContext } from '../contexts.ts';
import { reloadOrStart } from '../files.ts';
import type { Ends } from '../flows.ts';
import { listenersOf } from '../listeners.ts';
import type { Flow, FlowEnd, HostPlan } from '../model.ts';
import { clientPorts, syncGroup, syncPort } from '../ports.ts';
import { trustedAuthorities } from '../tls.ts';
import { proxiedAccess } from './balanced.ts';
import type { FrontEnd, FrontEndSite } from './front-end.ts';
import type { KeepalivedContext, VrrpInstance } from './keepalived/contexts.ts';
import { balancerHost } from './keepalived/host.ts';
import {
  balancerName,
  type BalancerIndex,
  bothBalancers,
  keepalivedFiles,
  movingAddress,
  movingRanges,
  namedBalancers,
  vrrpContext,
  vrrpFlow,
  vrrpSecrets,
} from './keepalived/index.ts';
import { checksVerify, directorContext, directorFiles, directorModules } from './lvs/director.ts';
import { pathsOf } from './lvs/paths.ts';
import { realServer } from './lvs/real-server.ts';
import { serviceAccess, serviceEndpoints } from './services.ts';

/**
 * Two LVS directors that pass one address between them by VRRP: the kernel leads each connection to a
 * broker, and Keepalived tells it which brokers are fit.
 */
export const lvsKeepalived: FrontEnd = {
  ranges: ({ config, layout }) => movingRanges(config, layout),
  names: namedBalancers,
  hosts: (site, firewall) => bothBalancers.map((index) => directorHost(site, firewall, index)),
  flows: directorFlows,
  secrets: ({ config }) => vrrpSecrets(config.lvsKeepalived.vrrp),
  endpoints: ({ config, layout }) =>
    serviceEndpoints(config, (port) => [
      { host: undefined, address: frontAddress(config, layout), port, role: 'active', weight: 1 },
    ]),
  virtualAddresses: ({ config, layout }) =>
    instancesOf({ config, layout }).map(({ address }) => movingAddress(config, layout, address)),
  realServer,
};

/** The virtual address, and the one that brokers answer by, where they do. */
function instancesOf({
  config,
  layout,
}: Pick<FrontEndSite, 'config' | 'layout'>): [VrrpInstance, ...VrrpInstance[]] {
  const { routerId } = config.lvsKeepalived.vrrp;
  return [
    { name: 'front', routerId, address: layout.virtualAddress },
    ...(pathsOf(config).gateway
      ? [{ name: 'gateway', routerId: routerId + 1, address: layout.gatewayAddress } as const]
      : []),
  ];
}

function directorFlows({ config, layout }: FrontEndSite, ends: Ends): Flow[] {
  const { clients, brokers, balancers } = ends;
  const { mode, sourceNat, directReply, synchronised } = pathsOf(config);
  const { sorryServer } = config.lvsKeepalived;
  // Packets that a director passes on unchanged are still addressed to the virtual address.
  const reached: FlowEnd =
    mode === 'dr'
      ? { ...brokers, ranges: [...brokers.ranges, `${layout.virtualAddress}/32`] }
      : brokers;
  return [
    ...serviceAccess(config, { clients, to: balancers }),
    ...proxiedAccess(config, { balancers, brokers: reached }),
    ...(sorryServer === undefined ? [] : sorryAccess(config, ends, sorryServer)),
    ...(mode === 'tun' ? [tunnels(ends)] : []),
    ...(mode === 'tun' && config.target === 'aws' ? [unseenAnswers(ends)] : []),
    ...(sourceNat
      ? []
      : serviceAccess(config, { clients, to: brokers }).map((flow) => ({
          ...flow,
          why: `${flow.why}, ${directReply ? 'answered directly' : 'answered by way of a director'}`,
        }))),
    vrrpFlow(ends),
    ...(synchronised ? [synchronisation(ends)] : []),
  ];
}

const tunnels = ({ balancers, brokers }: Ends): Flow => ({
  from: balancers,
  to: brokers,
  protocol: 'ipip',
  ports: [],
  why: 'connections of clients, in IP tunnels',
});

/**
 * A security group lets answers pass of connections that it saw begin: of what came in a tunnel it saw
 * nothing.
 */
const unseenAnswers = ({ brokers, clients }: Ends): Flow => ({
  from: brokers,
  to: clients,
  protocol: 'tcp',
  ports: clientPorts,
  why: 'answers to what came in tunnels',
});

/** The kernel speaks to a group, and to no single address. */
const synchronisation = ({ balancers }: Ends): Flow => ({
  from: balancers,
  to: { ...balancers, ranges: [...balancers.ranges, `${syncGroup}/32`] },
  protocol: 'udp',
  ports: [syncPort],
  why: 'connections that the other director goes on with',
});

const sorryAccess = (
  { tls }: FrontEndSite['config'],
  { balancers }: Ends,
  address: string,
): Flow[] => [
  {
    from: balancers,
    to: { kind: 'outside', name: 'sorry-server', ranges: [`${address}/32`] },
    protocol: 'tcp',
    ports: listenersOf(tls).map(({ port }) => port),
    why: 'clients while no broker is fit',
  },
];

function directorHost(
  site: FrontEndSite,
  firewall: FirewallContext,
  index: BalancerIndex,
): HostPlan {
  const { config, layout } = site;
  const { balancers, vrrp } = config.lvsKeepalived;
  const context = directorContext(site, balancerName(index), balancerSeat(layout, index).address);
  return balancerHost(site, index, {
    firewall: throughDirector(site, firewall),
    packages: ['curl', 'ipvsadm', 'jq', 'keepalived', 'socat'],
    units: ['ip-vs.service', 'keepalived.service'],
    kernelModules: directorModules(config),
    memoryMiB: balancers.memory,
    secrets: [
      ...vrrpSecrets(vrrp).map((secret) => secret.name),
      ...(checksVerify(config) ? [trustedAuthorities] : []),
    ],
    onSecretsChange: reloadOrStart('keepalived.service'),
    environment: [],
    files: [...directorFiles(context), ...keepalivedFiles(keepalivedContext(site, index))],
  });
}

/** What it lets through is not its own: answers of brokers, where these pass it, and what routers say of them. */
function throughDirector(
  { config, layout }: FrontEndSite,
  firewall: FirewallContext,
): FirewallContext {
  const { mode, sourceNat } = pathsOf(config);
  const { sorryServer } = config.lvsKeepalived;
  if (mode !== 'nat') return { ...firewall, passesErrorsOn: true };
  return {
    ...firewall,
    passesErrorsOn: !sourceNat,
    directed: {
      servers: [
        ...layout.ranges.broker,
        ...(sorryServer === undefined ? [] : [`${sorryServer}/32`]),
      ],
      ports: listenersOf(config.tls).map(({ port }) => String(port)),
      sourceNat,
    },
  };
}

function keepalivedContext(site: FrontEndSite, index: BalancerIndex): KeepalivedContext {
  const { config, layout } = site;
  const { vrrp, idleTimeout } = config.lvsKeepalived;
  return {
    host: balancerName(index),
    address: balancerSeat(layout, index).address,
    scriptUser: 'nobody nogroup',
    boundToHaproxy: false,
    restarts: true,
    vrrp: vrrpContext({
      index,
      layout,
      announced: mechanismOf(config) === 'announced',
      vrrp,
      check: undefined,
      instances: instancesOf(site),
    }),
    lvs: {
      idleTimeoutSeconds: idleTimeout / 1000,
      synchronised: pathsOf(config).synchronised,
      syncPort,
    },
  };
}
