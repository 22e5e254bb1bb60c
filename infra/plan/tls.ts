import type { EnvironmentConfig } from '../config/schema.ts';
import { byKind } from '../config/tls.ts';
import { frontName } from './addressing.ts';
import type { HostContext, TlsContext } from './contexts.ts';
import { programFile } from './files.ts';
import { listenersOf } from './listeners.ts';
import type { EndpointPlan, FilePlan, HostPlan, SecretPlan } from './model.ts';
import type { BrokerSite } from './topologies/topology.ts';

/** Certificates that hosts and clients trust; file name under the secret folder. */
export const trustedAuthorities = 'trusted-authorities';
/** Certificate and key of one broker. */
export const brokerCertificate = (broker: string): string => `certificate-${broker}`;
/** Certificate and key of what balancers serve themselves on the virtual address. */
export const frontCertificate = 'certificate-front';

/** Where people and the rig's forwarded ports reach services from the machine itself. */
const loopback = { names: ['localhost'], addresses: ['127.0.0.1'] };
/** A common name has at most 64 letters; what counts is among the names. */
const commonNameLength = 64;

/**
 * The authority and the certificates of the brokers; none without TLS.
 * @param served what clients and balancers know as brokers: one that moves between hosts is no host, and
 * each of its hosts answers for it
 */
export function tlsSecrets(
  config: EnvironmentConfig,
  brokers: readonly BrokerSite[],
  served: readonly Pick<BrokerSite, 'name' | 'fqdn' | 'address'>[],
  endpoints: readonly EndpointPlan[],
): SecretPlan[] {
  if (!config.tls.enabled) return [];
  const { validity } = config.tls;
  // A client verifies the broker that it ends at by the name or address that it was given.
  const front = endpoints.flatMap(({ servers }) =>
    servers.flatMap(({ host, address }) => (host === undefined ? [address] : [])),
  );
  const moving = served
    .filter(({ name }) => !brokers.some((broker) => broker.name === name))
    .flatMap(({ name, fqdn, address }) => [name, fqdn, address]);
  return [
    {
      name: trustedAuthorities,
      kind: 'authority',
      why: 'signs the certificates of the environment; hosts get only what they are to trust',
      commonName: `${config.stack} authority`.slice(-commonNameLength),
      validDays: validity.authority,
    },
    ...brokers.map((broker) =>
      certificatePlan(config, brokerCertificate(broker.name), {
        why: `TLS of ${broker.name}`,
        hosts: [broker.name, broker.fqdn, broker.address, ...moving, ...front],
      }),
    ),
  ];
}

/** The certificate that balancers present; `hosts` are the names and addresses that they are reached at. */
export const frontCertificatePlan = (
  config: EnvironmentConfig,
  hosts: readonly string[],
): SecretPlan =>
  certificatePlan(config, frontCertificate, {
    why: 'TLS of what the balancers serve themselves',
    hosts,
  });

function certificatePlan(
  config: EnvironmentConfig,
  name: string,
  own: {
    readonly why: string;
    /** Names and addresses; the first name is the common one. */
    readonly hosts: readonly string[];
  },
): SecretPlan {
  const { domain, tls, target } = config;
  // There the name leads clients to whatever stands in front.
  const front = target === 'aws' ? [frontName(config)] : [];
  const stated = byKind(tls.names);
  const reached = byKind(own.hosts);
  return {
    name,
    kind: 'certificate',
    why: own.why,
    signer: trustedAuthorities,
    commonName: (reached.names[0] ?? domain).slice(0, commonNameLength),
    names: unique([...reached.names, ...front, domain, ...loopback.names, ...stated.names]),
    addresses: unique([...reached.addresses, ...loopback.addresses, ...stated.addresses]),
    validDays: tls.validity.certificates,
  };
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** Where a host shows certificates: by listener, an address that answers or a file that HAProxy has read. */
type ShownAt = Readonly<Record<string, string>>;

/** Where a broker shows its certificate. @param address that it listens at, on its own host */
export const brokerShows = ({ tls }: EnvironmentConfig, address = loopback.addresses[0]): ShownAt =>
  Object.fromEntries(
    listenersOf(tls)
      .filter((listener) => listener.tls)
      .map(({ name, port }) => [name, `${address}:${port}`]),
  );

/** What a host with certificates has besides: the lines for host.env and the program that reads them. */
export const certificateFacts = (
  { tls }: EnvironmentConfig,
  shown: ShownAt,
): HostContext['environment'] => {
  const value = Object.entries(shown).map(([listener, at]) => `${listener}=${at}`);
  return tls.enabled ? [{ key: 'TLS_LISTENERS', value: value.join(' ') }] : [];
};

export const certificateFiles = ({ tls }: EnvironmentConfig): FilePlan[] =>
  tls.enabled ? [programFile(statusProgram)] : [];

const statusProgram = 'tls/usr/local/sbin/certificate-status';

/** Whether the host has certificates to show. */
export const showsCertificates = ({ files }: Pick<HostPlan, 'files'>): boolean =>
  files.some(({ template }) => template === statusProgram);

/** What templates are told of TLS. */
export function tlsContext({ tls }: EnvironmentConfig): TlsContext {
  const versions = tls.minVersion === '1.3' ? ['1.3'] : ['1.3', '1.2'];
  return {
    enabled: tls.enabled,
    betweenNodes: tls.betweenNodes,
    versions,
    oldest: tls.minVersion,
  };
}
