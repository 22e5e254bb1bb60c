import { deepMerge, isPlainObject } from './merge.ts';
import { type ProfileName, profiles } from './names.ts';

/**
 * Named sets of defaults of a front end, in the notation of the config itself. A field that is given
 * in a stack file overrides the profile's.
 */
export type Profiles = Readonly<Record<ProfileName, Readonly<Record<string, unknown>>>>;

/** Lays what was given on the defaults of its profile. */
export const onProfile =
  (defaults: Profiles) =>
  (given: unknown): unknown => {
    if (!isPlainObject(given)) return given;
    const profile = profiles.find((name) => name === given['profile']) ?? 'fast';
    return deepMerge(defaults[profile], given);
  };

export const balancingProfiles: Profiles = {
  /** A silent broker is out after 1.7 s at most, a silent balancer after about 1 s. */
  fast: {
    balance: 'leastconn',
    healthCheck: {
      interval: '500ms',
      fastInterval: '200ms',
      downInterval: '500ms',
      rise: 2,
      fall: 2,
      answer: true,
      observe: true,
      errorLimit: 3,
      cutSessionsOnDown: true,
    },
    maxConnections: { process: 10_000, proxy: 8_000, server: 0 },
    timeouts: {
      connect: '500ms',
      client: '1h',
      server: '1h',
      check: '300ms',
      tcpUser: '2s',
    },
    retries: 2,
    redispatch: 1,
    logging: { format: 'connections', level: 'info', ignoreEmpty: true },
    statistics: { user: 'statistics', port: 8100, path: '/stats', refresh: '5s' },
    vrrp: {
      version: 3,
      advertInterval: '250ms',
      routerId: 77,
      preempt: false,
      priorities: { first: 100, second: 90 },
      passwordAuthentication: false,
      check: {
        // A hung HAProxy gives the address up within about 1.2 s.
        interval: '300ms',
        timeout: '300ms',
        rise: 2,
        fall: 2,
        weight: 0,
        onFailure: 'fault',
      },
    },
    balancers: { memory: '256MiB' },
  },
  /** Seeds 001 and 004: what their listings mean, so that it can be measured beside `fast`. */
  seed: {
    balance: 'roundrobin',
    healthCheck: {
      interval: '5s',
      rise: 2,
      fall: 3,
      answer: false,
      observe: false,
      errorLimit: 3,
      cutSessionsOnDown: false,
    },
    maxConnections: { process: 4096, proxy: 2000, server: 0 },
    timeouts: {
      connect: '5s',
      client: '120s',
      server: '120s',
      tcpUser: '0s',
    },
    retries: 3,
    // Plain `option redispatch`: on the last retry.
    redispatch: -1,
    logging: { format: 'connections', level: 'info', ignoreEmpty: true },
    statistics: { user: 'statistics', port: 8100, path: '/stats', refresh: '5s' },
    vrrp: {
      version: 2,
      advertInterval: '1s',
      routerId: 1,
      preempt: true,
      priorities: { first: 100, second: 50 },
      passwordAuthentication: true,
      check: {
        interval: '5s',
        rise: 1,
        fall: 1,
        weight: 2,
        onFailure: 'restart-then-stop',
      },
    },
    balancers: { memory: '256MiB' },
  },
};
