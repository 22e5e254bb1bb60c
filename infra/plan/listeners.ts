import type { TlsConfig } from '../config/tls.ts';
import { brokerPorts } from './ports.ts';

/** One port that brokers listen on and balancers pass on. */
export interface Listener {
  /** Name of the balanced service, e.g. in HAProxy's statistics. */
  readonly name: 'amqp' | 'management' | 'amqps' | 'management-tls';
  readonly protocol: 'amqp' | 'management';
  readonly tls: boolean;
  readonly port: number;
}

const plain: readonly Listener[] = [
  { name: 'amqp', protocol: 'amqp', tls: false, port: brokerPorts.amqp },
  { name: 'management', protocol: 'management', tls: false, port: brokerPorts.management },
];
const encrypted: readonly Listener[] = [
  { name: 'amqps', protocol: 'amqp', tls: true, port: brokerPorts.amqps },
  { name: 'management-tls', protocol: 'management', tls: true, port: brokerPorts.managementTls },
];

/** Every port that clients may use, those with TLS first: what is preferred. */
export const listenersOf = ({ enabled, plainListeners }: TlsConfig): readonly Listener[] =>
  enabled ? [...encrypted, ...(plainListeners === 'keep' ? plain : [])] : plain;

/** How clients reach brokers: a live environment always keeps one of these over a change. */
export const transportsOf = (tls: TlsConfig): ('plain' | 'tls')[] => [
  ...new Set(listenersOf(tls).map((listener) => (listener.tls ? 'tls' : 'plain'))),
];

/** The listener that clients and the kit itself use. @throws when there is none: a fault of the kit */
export function preferred(tls: TlsConfig, protocol: Listener['protocol']): Listener {
  const listener = listenersOf(tls).find((each) => each.protocol === protocol);
  if (listener === undefined) throw new RangeError(`no listener for ${protocol}`);
  return listener;
}

/** Port of a listener by its name; 0 when there is none. */
export const portOf = (tls: TlsConfig, name: Listener['name']): number =>
  listenersOf(tls).find((each) => each.name === name)?.port ?? 0;
