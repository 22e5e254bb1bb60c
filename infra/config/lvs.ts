import { z } from 'zod';
import { profiles } from './names.ts';
import { onProfile, type Profiles } from './profiles.ts';
import { duration, ipv4, size } from './units.ts';
import { vrrpFields } from './vrrp.ts';

/** Section `lvsKeepalived`: two LVS directors that pass a virtual address between them. */

const checkTime = { min: '100ms', max: '5m' };

const balancing = z.strictObject({
  profile: z.enum(profiles).default('fast'),
  mode: z.enum(['nat', 'tun', 'dr']),
  /** Of mode nat: brokers answer the director, whatever their gateway is; true unless stated. */
  sourceNat: z.boolean().optional(),
  scheduler: z.enum(['rr', 'wrr', 'lc', 'wlc', 'sh']),
  /** New connections of a client go to its former broker for this long; 0s for the scheduler alone. */
  persistenceTimeout: duration({ min: '0s', max: '24h', step: '1s' }),
  /** The director forgets a connection without a packet after this. */
  idleTimeout: duration({ min: '1m', max: '24h', step: '1s' }),
  check: z.strictObject({
    kind: z.enum(['http', 'tcp', 'script', 'ping']),
    interval: duration(checkTime),
    timeout: duration(checkTime),
    /** Further tries before a broker is out. */
    retries: z.int().min(0).max(100),
    retryDelay: duration(checkTime),
  }),
  /** Gets clients while no broker is fit. */
  sorryServer: ipv4().optional(),
  /** Directors tell each other of connections; where these can survive a director unless stated. */
  synchronisation: z.boolean().optional(),
  /** Computed unless stated: the tenth address of the front network. */
  virtualAddress: ipv4().optional(),
  /** Of mode nat without source NAT; computed unless stated: the one after the virtual address. */
  gatewayAddress: ipv4().optional(),
  vrrp: z.strictObject(vrrpFields()),
  balancers: z.strictObject({ memory: size({ min: '256MiB', max: '64GiB' }) }),
  /** Accepts the modes on aws that nobody vouches for. */
  experimental: z.boolean().default(false),
});

export const lvsProfiles: Profiles = {
  /** A silent broker is out after 3.2 s at most, a silent director after about 2 s. */
  fast: {
    mode: 'nat',
    scheduler: 'wlc',
    persistenceTimeout: '0s',
    idleTimeout: '1h',
    check: { kind: 'http', interval: '1s', timeout: '1s', retries: 1, retryDelay: '200ms' },
    vrrp: {
      version: 3,
      // Directors of the rig may be emulated machines, whose clocks stall for a moment now and then.
      advertInterval: '500ms',
      routerId: 77,
      preempt: false,
      priorities: { first: 100, second: 90 },
      passwordAuthentication: false,
    },
    balancers: { memory: '512MiB' },
  },
  /** Seed 004: what its listing means, with Keepalived's own defaults for what it leaves out. */
  seed: {
    mode: 'dr',
    scheduler: 'wrr',
    persistenceTimeout: '50s',
    idleTimeout: '15m',
    check: { kind: 'tcp', interval: '60s', timeout: '3s', retries: 3, retryDelay: '3s' },
    vrrp: {
      version: 2,
      advertInterval: '1s',
      routerId: 51,
      preempt: true,
      priorities: { first: 100, second: 50 },
      passwordAuthentication: true,
    },
    balancers: { memory: '512MiB' },
  },
};

export const lvs = z.preprocess(onProfile(lvsProfiles), balancing).prefault({});
