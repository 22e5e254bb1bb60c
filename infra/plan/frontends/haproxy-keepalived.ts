import { frontAddress, mechanismOf } from '../addressing.ts';
import { balancerSeat } from '../seats.ts';
import { noContext } from '../common.ts';
import type { FirewallContext } from '../contexts.ts';
import { onUnitFileChange, programFile, reloadOrStart, restart, templateFile } from '../files.ts';
import type { Ends } from '../flows.ts';
import type { EndpointPlan, FilePlan, Flow, HostPlan } from '../model.ts';
import { certificateFacts, frontCertificatePlan, trustedAuthorities } from '../tls.ts';
import { proxiedAccess } from './balanced.ts';
import { balancerContext, vrrpCheck } from './balancer-context.ts';
import type { BalancerContext } from './contexts.ts';
import type { FrontEnd, FrontEndSite } from './front-end.ts';
import type { KeepalivedContext } from './keepalived/contexts.ts';
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
import { serviceAccess, serviceEndpoints } from './services.ts';

/** Two HAProxy hosts that pass one address between them by VRRP. */
export const haproxyKeepalived: FrontEnd = {
  ranges: ({ config, layout }) => movingRanges(config, layout),
  names: namedBalancers,
  hosts: (site, firewall) => bothBalancers.map((index) => haproxyHost(site, firewall, index)),
  flows: balancerFlows,
  secrets: ({ config, layout }) => [
    {
      name: 'statistics-password',
      kind: 'password',
      why: 'HAProxy statistics page',
    },
    ...vrrpSecrets(config.haproxyKeepalived.vrrp),
    ...(config.tls.enabled ? [frontCertificatePlan(config, [frontAddress(config, layout)])] : []),
  ],
  endpoints: balancedEndpoints,
  virtualAddresses: ({ config, layout }) => [movingAddress(config, layout, layout.virtualAddress)],
};

function balancedEndpoints({ config, layout }: FrontEndSite): EndpointPlan[] {
  const { statistics } = config.haproxyKeepalived;
  const at = (port: number): EndpointPlan['servers'] => [
    { host: undefined, address: frontAddress(config, layout), port, role: 'active', weight: 1 },
  ];
  return [
    ...serviceEndpoints(config, at),
    {
      name: 'statistics',
      scheme: config.tls.enabled ? 'https' : 'http',
      servers: at(statistics.port),
      path: statistics.path,
      login: { user: statistics.user, secret: 'statistics-password' },
    },
  ];
}

function balancerFlows({ config }: FrontEndSite, { clients, brokers, balancers }: Ends): Flow[] {
  const { statistics } = config.haproxyKeepalived;
  const tcp = { protocol: 'tcp' } as const;
  return [
    ...serviceAccess(config, { clients, to: balancers }),
    {
      ...tcp,
      from: clients,
      to: balancers,
      ports: [statistics.port],
      why: 'HAProxy statistics page',
    },
    ...proxiedAccess(config, { balancers, brokers }),
    vrrpFlow({ balancers }),
  ];
}

function haproxyHost(
  site: FrontEndSite,
  firewall: FirewallContext,
  index: BalancerIndex,
): HostPlan {
  const { config, layout, brokers } = site;
  const name = balancerName(index);
  const { statistics, balancers } = config.haproxyKeepalived;
  return balancerHost(site, index, {
    firewall,
    packages: ['haproxy', 'keepalived', 'socat', 'jq'],
    units: ['haproxy.service', 'keepalived.service'],
    kernelModules: [],
    memoryMiB: balancers.memory,
    secrets: [
      ...haproxyKeepalived.secrets(site).map((secret) => secret.name),
      ...(config.tls.enabled ? [trustedAuthorities] : []),
    ],
    onSecretsChange: reloadOrStart('haproxy.service'),
    environment: [
      { key: 'STATISTICS_PATH', value: statistics.path },
      ...certificateFacts(config, { statistics: '/run/rabbitmq-ha-kit/balancer/front.pem' }),
    ],
    files: [
      ...balancerFiles(balancerContext(name, index, config, layout, brokers)),
      ...keepalivedFiles(keepalivedContext(name, index, site)),
    ],
  });
}

function keepalivedContext(
  host: string,
  index: BalancerIndex,
  { config, layout }: FrontEndSite,
): KeepalivedContext {
  const { vrrp } = config.haproxyKeepalived;
  const faults = vrrp.check.onFailure === 'fault';
  return {
    host,
    address: balancerSeat(layout, index).address,
    scriptUser: faults ? 'haproxy haproxy' : 'root root',
    boundToHaproxy: faults,
    restarts: faults,
    vrrp: vrrpContext({
      index,
      layout,
      announced: mechanismOf(config) === 'announced',
      vrrp,
      check: vrrpCheck(vrrp),
      instances: [{ name: 'front', routerId: vrrp.routerId, address: layout.virtualAddress }],
    }),
    lvs: undefined,
  };
}

/** Files of `templates/balancer/`. */
const balancerFiles = (context: BalancerContext): FilePlan[] => [
  templateFile('balancer/etc/haproxy/haproxy.cfg.hbs', context, {
    followsHosts: true,
    onChange: reloadOrStart('haproxy.service'),
  }),
  templateFile('balancer/etc/rabbitmq-ha-kit/balancer.env.hbs', context),
  templateFile('balancer/etc/sysctl.d/70-rabbitmq-ha-kit-balancer.conf', noContext, {
    onChange: restart('systemd-sysctl.service'),
  }),
  templateFile(
    'balancer/etc/systemd/system/haproxy.service.d/10-rabbitmq-ha-kit.conf.hbs',
    context,
    { onChange: onUnitFileChange },
  ),
  templateFile('balancer/etc/systemd/system/haproxy-former-workers.service', noContext, {
    onChange: onUnitFileChange,
  }),
  ...['balancer-secrets', 'cut-former-sessions', 'reload-haproxy'].map((program) =>
    programFile(`balancer/usr/local/lib/rabbitmq-ha-kit/${program}`, noContext),
  ),
  programFile('balancer/usr/local/lib/rabbitmq-ha-kit/check-haproxy.hbs', context),
  programFile('balancer/usr/local/sbin/balancer-status', noContext),
];
