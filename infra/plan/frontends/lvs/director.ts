import type { EnvironmentConfig } from '../../../config/schema.ts';
import { mechanismOf } from '../../addressing.ts';
import { noContext } from '../../common.ts';
import { onUnitFileChange, programFile, reloadOrStart, templateFile } from '../../files.ts';
import { type Listener, listenersOf } from '../../listeners.ts';
import type { FilePlan } from '../../model.ts';
import type { FrontEndSite } from '../front-end.ts';
import type { DirectorContext, VirtualServer } from './contexts.ts';
import { pathsOf } from './paths.ts';

/** First checks are spread over this time: a director that starts has no broker before them. */
const longestWarmupMs = 1_000;

const methods = { nat: 'NAT', tun: 'TUN', dr: 'DR' } as const;

/** Modules of the kernel that do a director's work. */
export const directorModules = ({ lvsKeepalived }: EnvironmentConfig): string[] => [
  'ip_vs',
  `ip_vs_${lvsKeepalived.scheduler}`,
];

/** Everything that one director prints besides VRRP. */
export function directorContext(
  site: FrontEndSite,
  host: string,
  address: string,
): DirectorContext {
  const { config, layout, brokers } = site;
  const { scheduler, persistenceTimeout, check, sorryServer, vrrp } = config.lvsKeepalived;
  const { mode, sourceNat, synchronised } = pathsOf(config);
  const listeners = listenersOf(config.tls);
  return {
    host,
    mode,
    method: methods[mode],
    virtualAddress: layout.virtualAddress,
    served: mechanismOf(config) === 'elastic-ip' ? address : layout.virtualAddress,
    sourceNat,
    forwards: mode === 'nat',
    scheduler,
    persistenceSeconds: persistenceTimeout / 1000,
    check: {
      kind: check.kind,
      intervalSeconds: check.interval / 1000,
      timeoutSeconds: check.timeout / 1000,
      // Keepalived ends a program after whole seconds only; the program keeps to the time itself.
      programSeconds: Math.ceil(check.timeout / 1000),
      retries: check.retries,
      retryDelaySeconds: check.retryDelay / 1000,
      warmupSeconds: Math.min(check.interval, longestWarmupMs) / 1000,
    },
    servers: brokers.map(({ name, address: at }) => `${name}=${at}`),
    ports: listeners.map(({ name, port }) => `${name}=${port}`),
    services: listeners.map((listener) => virtualServer(site, listener, listeners)),
    sorryServer: sorryServer ?? '',
    kernelModules: directorModules(config),
    synchronised,
    checksVerify: checksVerify(config),
    passwordAuthentication: vrrp.passwordAuthentication,
  };
}

/** Keepalived's own checks over TLS believe any certificate; the program does not. */
export const checksVerify = ({ tls, lvsKeepalived }: EnvironmentConfig): boolean =>
  tls.enabled && lvsKeepalived.check.kind === 'script';

function virtualServer(
  { brokers }: FrontEndSite,
  { name, port, protocol, tls }: Listener,
  listeners: readonly Listener[],
): VirtualServer {
  const answering = listeners.find((each) => each.protocol === 'management' && each.tls === tls);
  return {
    name,
    port,
    tls,
    answerPort: protocol === 'management' ? port : (answering?.port ?? 0),
    realServers: brokers.map(({ fqdn, address, server }) => ({
      host: fqdn,
      address,
      weight: server.weight,
    })),
  };
}

const loadModules = '/usr/local/lib/rabbitmq-ha-kit/load-ip-vs';

/** Files of `templates/director/`: the kernel knows a scheduler before Keepalived asks for it. */
export const directorFiles = (context: DirectorContext): FilePlan[] => [
  templateFile('director/etc/rabbitmq-ha-kit/balancer.env.hbs', context, { followsHosts: true }),
  ...['modules-load.d/70-ip-vs.conf.hbs', 'sysctl.d/71-ip-vs.conf.hbs'].map((file) =>
    // Not by its unit: Keepalived, which needs that, would stop with it and give address and table up.
    templateFile(`director/etc/${file}`, context, { onChange: [loadModules] }),
  ),
  templateFile('director/etc/systemd/system/ip-vs.service', noContext, {
    onChange: onUnitFileChange,
  }),
  programFile(`director${loadModules}`, noContext),
  ...(context.synchronised
    ? [programFile('director/usr/local/lib/rabbitmq-ha-kit/leave', noContext)]
    : []),
  templateFile('director/etc/keepalived/virtual-servers.conf.hbs', context, {
    onChange: reloadOrStart('keepalived.service'),
    followsHosts: true,
  }),
  ...(context.check.kind === 'script'
    ? [programFile('director/usr/local/lib/rabbitmq-ha-kit/check-broker', noContext)]
    : []),
  programFile('director/usr/local/sbin/balancer-status', noContext),
];
