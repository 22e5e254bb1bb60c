import { loadEnvironment } from '../../../infra/config/load.ts';
import type { EnvironmentConfig } from '../../../infra/config/schema.ts';

/** An environment of the target aws in the region that has prices. */
export const awsConfig = (settings: object = {}, aws: object = {}): EnvironmentConfig =>
  loadEnvironment(
    {
      target: 'aws',
      topology: 'quorum-cluster',
      brokers: { memory: '7GiB', disk: '100GiB' },
      ...settings,
      aws: { region: 'us-east-1', ...aws },
    },
    undefined,
    'shop',
  );

/** Between them they register every type of resource that the program knows. */
export const pricedConfigs = {
  nlb: awsConfig({ frontEnd: 'nlb' }),
  haproxy: awsConfig({ monitoring: { enabled: true } }),
  mirrored: awsConfig(
    { topology: 'mirrored-cluster' },
    { virtualAddress: { mechanism: 'secondary-ip' } },
  ),
  warren: awsConfig(
    { topology: 'warren', network: { zones: ['a', 'b'] } },
    { nat: 'per-zone', access: { method: 'none' } },
  ),
  elastic: awsConfig(
    { topology: 'warren', network: { zones: ['a', 'b'], clients: ['203.0.113.0/24'] } },
    { virtualAddress: { mechanism: 'elastic-ip' }, goldenImage: true },
  ),
  direct: awsConfig({ frontEnd: 'direct', tls: { enabled: true } }),
} as const;

export type PricedName = keyof typeof pricedConfigs;

export const pricedNames = Object.keys(pricedConfigs) as PricedName[];
