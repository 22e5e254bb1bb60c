import { loadEnvironment } from '../../infra/config/load.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import { readyStacks } from './ready-stacks.ts';

/** Configs whose rendered files are kept as goldens: each shows what another does not. */
export const sampleConfigs = {
  quorum: { topology: 'quorum-cluster' },
  mirrored: {
    topology: 'mirrored-cluster',
    mirroredCluster: {
      ramNodes: ['rabbit-3'],
      policy: { haMode: 'nodes', haParams: ['rabbit-1', 'rabbit-3'] },
    },
  },
  warren: { topology: 'warren' },
  direct: { topology: 'quorum-cluster', frontEnd: 'direct' },
  tls: { topology: 'quorum-cluster', tls: { enabled: true, betweenNodes: true } },
  seed: { topology: 'quorum-cluster', haproxyKeepalived: { profile: 'seed' } },
  'lvs-nat': { topology: 'quorum-cluster', frontEnd: 'lvs-keepalived' },
  'lvs-gateway': {
    topology: 'quorum-cluster',
    frontEnd: 'lvs-keepalived',
    network: { placement: 'flat' },
    lvsKeepalived: { sourceNat: false, scheduler: 'sh', check: { kind: 'ping' } },
    monitoring: { enabled: true },
  },
  'lvs-tun': {
    topology: 'quorum-cluster',
    frontEnd: 'lvs-keepalived',
    tls: { enabled: true },
    lvsKeepalived: { mode: 'tun', check: { kind: 'script' } },
  },
  'lvs-dr': {
    topology: 'mirrored-cluster',
    frontEnd: 'lvs-keepalived',
    network: { placement: 'flat' },
    lvsKeepalived: { profile: 'seed' },
  },
  monitored: { topology: 'quorum-cluster', monitoring: { enabled: true } },
  drbd: {
    topology: 'drbd-pacemaker',
    frontEnd: 'pacemaker-vip',
    monitoring: { enabled: true },
  },
  'drbd-two': {
    topology: 'drbd-pacemaker',
    drbdPacemaker: { quorumDevice: false, fencing: false, loseDataWithoutFencing: true },
  },
} as const;

export type SampleName = keyof typeof sampleConfigs;

export const sampleNames = Object.keys(sampleConfigs) as SampleName[];

/** The ready stacks of EC2 are samples too. */
const onEc2 = readyStacks.filter(({ stack }) => stack.startsWith('aws-'));
export const awsSampleNames: readonly string[] = onEc2.map(({ stack }) => stack);
export const everySampleName: readonly string[] = [...sampleNames, ...awsSampleNames];

const environments: Readonly<Record<string, unknown>> = {
  ...sampleConfigs,
  ...Object.fromEntries(onEc2.map(({ stack, environment }) => [stack, environment])),
};

/** The plan of a sample; the stack carries the sample's name. */
export const samplePlan = (name: string): EnvironmentPlan =>
  planEnvironment(loadEnvironment(environments[name], undefined, name));
