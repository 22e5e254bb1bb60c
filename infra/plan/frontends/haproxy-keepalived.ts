import { balancerSeat, frontAddress, mechanismOf } from '../addressing.ts';
import { commonFiles, commonUnits, environmentFacts, noContext, packagesOf } from '../common.ts';
import type { FirewallContext, NamedHost } from '../contexts.ts';
import { onUnitFileChange, programFile, reloadOrStart, restart, templateFile } from '../files.ts';
import type { Ends } from '../flows.ts';
import type { EndpointPlan, FilePlan, Flow, HostPlan } from '../model.ts';
import { exportersOf } from '../monitoring/exporters.ts';
import {
  certificateFacts,
  certificateFiles,
  frontCertificatePlan,
  trustedAuthorities,
} from '../tls.ts';
import { proxiedAccess } from './balanced.ts';
import { balancerContext, type BalancerIndex } from './balancer-context.ts';
import type { BalancerContext } from './contexts.ts';
import type { FrontEnd, FrontEndSite } from './front-end.ts';
import { serviceAccess, serviceEndpoints } from './services.ts';

const balancerPackages = ['haproxy', 'keepalived', 'socat', 'jq'];
const balancerUnits = [...commonUnits, 'haproxy.service', 'keepalived.service'];
const rootDiskGiB = 4;
const both: readonly BalancerIndex[] = [0, 1];
const nameOf = (index: BalancerIndex): string => `balancer-${index + 1}`;

/** Two HAProxy hosts that pass one address between them by VRRP. */
export const haproxyKeepalived: FrontEnd = {
  ranges: ({ config, layout }) =>
    mechanismOf(config) === 'elastic-ip' ? [] : [`${layout.virtualAddress}/32`],
  names: namedBalancers,
  hosts: (site, firewall) => both.map((index) => balancerHost(site, firewall, index)),
  flows: balancerFlows,
  secrets: ({ config, layout }) => [
    {
      name: 'statistics-password',
      kind: 'password',
      why: 'HAProxy statistics page',
    },
    ...(config.haproxyKeepalived.vrrp.passwordAuthentication
      ? [
          {
            name: 'vrrp-password',
            kind: 'password',
            // With different ones both balancers would take the address.
            lasting: true,
            why: 'VRRP version 2 between the balancers',
          } as const,
        ]
      : []),
    ...(config.tls.enabled ? [frontCertificatePlan(config, [frontAddress(config, layout)])] : []),
  ],
  endpoints: balancedEndpoints,
  virtualAddresses: ({ config, layout: { virtualAddress, networks } }) => [
    {
      address: virtualAddress,
      mechanism: mechanismOf(config),
      network: networks.find(({ name }) => name === 'front')?.name,
      holders: both.map(nameOf),
    },
  ],
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

function namedBalancers({ config: { domain }, layout }: FrontEndSite): NamedHost[] {
  return both.map((index) => ({
    name: nameOf(index),
    fqdn: `${nameOf(index)}.${domain}`,
    address: balancerSeat(layout, index).address,
  }));
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
    {
      from: balancers,
      to: balancers,
      protocol: 'vrrp',
      ports: [],
      why: 'who holds the virtual address (VRRP)',
    },
  ];
}

function balancerHost(
  site: FrontEndSite,
  firewall: FirewallContext,
  index: BalancerIndex,
): HostPlan {
  const { config, layout, brokers } = site;
  const name = nameOf(index);
  const fqdn = `${name}.${config.domain}`;
  const seat = balancerSeat(layout, index);
  const roles = ['balancer'] as const;
  const secrets = [
    ...haproxyKeepalived.secrets(site).map((secret) => secret.name),
    ...(config.tls.enabled ? [trustedAuthorities] : []),
  ];
  const settings = config.haproxyKeepalived;
  const exporters = exportersOf('balancer', config);
  const packages = packagesOf(config, [...balancerPackages, ...exporters.packages]);
  const units = [...balancerUnits, ...exporters.units];
  const host = {
    ...environmentFacts(config),
    host: name,
    fqdn,
    roles,
    zone: seat.zone,
    address: seat.address,
    packages,
    units,
    secrets,
    hosts: [
      ...brokers.map((broker) => ({
        name: broker.name,
        fqdn: broker.fqdn,
        address: broker.address,
      })),
      ...namedBalancers(site),
    ],
    environment: [
      { key: 'STATISTICS_PATH', value: settings.statistics.path },
      ...certificateFacts(config, { statistics: '/run/rabbitmq-ha-kit/balancer/front.pem' }),
    ],
  };
  return {
    name,
    fqdn,
    roles,
    ...seat,
    release: 'trixie',
    image: 'trixie',
    memoryMiB: settings.balancers.memory,
    diskGiB: rootDiskGiB,
    packages,
    units,
    volumes: [],
    kernelModules: [],
    secrets,
    onSecretsChange: reloadOrStart('haproxy.service'),
    files: [
      ...commonFiles(host, firewall),
      ...certificateFiles(config),
      ...balancerFiles(balancerContext(name, index, config, layout, brokers)),
      ...exporters.files,
    ],
    // Nothing of the topology: a swap must leave balancers in place.
    labels: { frontEnd: config.frontEnd },
  };
}

/** Files of `templates/balancer/`. */
const balancerFiles = (context: BalancerContext): FilePlan[] => [
  templateFile('balancer/etc/haproxy/haproxy.cfg.hbs', context, {
    followsHosts: true,
    onChange: reloadOrStart('haproxy.service'),
  }),
  templateFile('balancer/etc/keepalived/keepalived.conf.hbs', context, {
    onChange: reloadOrStart('keepalived.service'),
  }),
  templateFile('balancer/etc/rabbitmq-ha-kit/balancer.env.hbs', context),
  templateFile('balancer/etc/sysctl.d/70-rabbitmq-ha-kit-balancer.conf', noContext, {
    onChange: restart('systemd-sysctl.service'),
  }),
  ...['haproxy', 'keepalived'].map((unit) =>
    templateFile(
      `balancer/etc/systemd/system/${unit}.service.d/10-rabbitmq-ha-kit.conf.hbs`,
      context,
      { onChange: onUnitFileChange },
    ),
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
