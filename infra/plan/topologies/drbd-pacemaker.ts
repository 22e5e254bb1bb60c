import type { EnvironmentConfig } from '../../config/schema.ts';
import { brokerAddressOf, mechanismOf } from '../addressing.ts';
import { sharedBrokerSeat } from '../seats.ts';
import type { Ends } from '../flows.ts';
import { listenersOf } from '../listeners.ts';
import type { Flow, SecretPlan } from '../model.ts';
import { clusterPorts } from '../ports.ts';
import { powerPassword } from '../power.ts';
import type { DrbdPacemakerContext } from './drbd-pacemaker-context.ts';
import { clusterFiles } from './drbd-pacemaker-files.ts';
import { quorumHosts, quorumName, quorumNames } from './quorum-device.ts';
import { brokerSite, type BrokerSite, type Topology, type TopologyFiles } from './topology.ts';

const names = ['drbd-a', 'drbd-b'] as const;
const firstSeat = 11;
/** The broker's own name, which follows it from host to host. */
const brokerName = 'broker';
const device = '/dev/drbd0';

/** One broker, whose disk is on two hosts: a cluster manager says which of them runs it. */
export const drbdPacemaker: Topology = {
  release: 'trixie',
  rabbitmq: '4.0',
  clustered: false,
  firstSeat,
  standby: false,
  // A broker confirms what a quorum queue's one member has on the disk; of a stream it does not say.
  holds: () => ({ members: 1, queueType: 'quorum', streams: false }),
  majority: ({ drbdPacemaker: { quorumDevice } }) =>
    quorumDevice
      ? {
          of: 'topology drbd-pacemaker and its quorum device',
          instead: 'set drbdPacemaker.quorumDevice: false',
          related: ['drbdPacemaker.quorumDevice'],
        }
      : undefined,
  plugins: [],
  units: [],
  netTicktime: ({ quorumCluster }) => quorumCluster.netTicktime,
  settled: (config) => ({
    'drbdPacemaker.metadataStore': config.drbdPacemaker.metadataStore,
    // Who votes, and which units hosts have.
    'drbdPacemaker.quorumDevice': String(config.drbdPacemaker.quorumDevice),
    'drbdPacemaker.virtualAddress': brokerAddressOf(config),
    // The disk is DRBD's on both hosts.
    'brokers.disk': `${config.brokers.disk} MiB`,
  }),
  brokers: (config, layout) =>
    names.map((name, index) => ({
      ...brokerSite(config, {
        name,
        ...sharedBrokerSeat(config, layout, firstSeat, index),
        server: { role: 'active', weight: 1, returnDelayMs: 0 },
      }),
      nodeName: nodeNameOf(config),
    })),
  managed: {
    image: 'trixie-replicated',
    packages: ({ target, drbdPacemaker: { quorumDevice, fencing } }) => [
      'corosync',
      ...(quorumDevice ? ['corosync-qdevice'] : []),
      'drbd-utils',
      ...(target === 'aws' && fencing ? ['fence-agents-aws'] : []),
      'lvm2',
      'pacemaker',
      'pacemaker-cli-utils',
      'psmisc',
      'resource-agents',
      'xfsprogs',
    ],
    kernelModules: ['drbd'],
    units: ({ drbdPacemaker: { quorumDevice } }) => [
      'cluster-secrets.service',
      'replicated-store.service',
      'corosync.service',
      ...(quorumDevice ? ['corosync-qdevice.service'] : []),
      'pacemaker.service',
      'cluster-load.service',
    ],
    renew: '/usr/local/lib/rabbitmq-ha-kit/cluster-renew',
    service: (config, layout) => ({
      ...brokerSite(config, {
        name: brokerName,
        ...sharedBrokerSeat(config, layout, firstSeat, 0),
        address: brokerAddressOf(config),
        server: { role: 'active', weight: 1, returnDelayMs: 0 },
      }),
    }),
    virtualAddress: (config, { networks }) => ({
      address: brokerAddressOf(config),
      mechanism: mechanismOf(config),
      network: networks.find(({ name }) => name === 'front')?.name,
      holders: names,
      movedBy: 'pacemaker',
    }),
    diskUnit: 'replicated-store.service',
    fences: ({ drbdPacemaker: { fencing } }) => fencing,
    names: quorumNames,
    secrets: clusterSecrets,
    flows: clusterFlows,
    hosts: quorumHosts,
  },
  files: (input) => clusterFiles(contextOf(input), input),
};

const nodeNameOf = ({ domain }: EnvironmentConfig): string => `rabbit@${brokerName}.${domain}`;

function clusterSecrets({ target, drbdPacemaker }: EnvironmentConfig): SecretPlan[] {
  return [
    {
      name: 'cluster-key',
      kind: 'password',
      // With different ones the hosts would not hear each other, and one would be fenced.
      lasting: true,
      why: 'key of Corosync between the two hosts',
    },
    // On EC2 the role of the instance says whom it may fence.
    ...(drbdPacemaker.fencing && target === 'rig'
      ? [
          {
            name: powerPassword,
            kind: 'password',
            lasting: true,
            why: "the rig's power service, which takes the power of a host away",
          } as const,
        ]
      : []),
  ];
}

function clusterFlows(
  { drbdPacemaker: { quorumDevice } }: EnvironmentConfig,
  { brokers, quorum }: Ends,
): Flow[] {
  const between = { from: brokers, to: brokers } as const;
  return [
    {
      ...between,
      protocol: 'udp',
      ports: [clusterPorts.corosync],
      why: 'membership of the cluster (Corosync, encrypted)',
    },
    { ...between, protocol: 'tcp', ports: [clusterPorts.drbd], why: 'copies of the disk (DRBD)' },
    ...(quorumDevice
      ? [
          {
            from: brokers,
            to: quorum,
            protocol: 'tcp',
            ports: [clusterPorts.quorumDevice],
            why: 'whom the quorum device gives its vote',
          } as const,
        ]
      : []),
  ];
}

function contextOf({ config, broker, brokers, context }: TopologyFiles): DrbdPacemakerContext {
  const { metadataStore, quorumDevice, fencing, token, startTimeout, recheckInterval } =
    config.drbdPacemaker;
  return {
    ...context,
    stack: config.stack,
    metadataStore,
    device,
    blockDevice: blockDevices[config.target](broker),
    drbdPort: clusterPorts.drbd,
    members: brokers.map(({ name, address }, index) => ({ id: index + 1, name, address })),
    peer: peerOf(broker, brokers).name,
    founder: broker === brokers[0],
    virtualAddress: brokerAddressOf(config),
    listeners: listenersOf(config.tls).map(({ port }) => port),
    quorumDevice: quorumDevice ? quorumName : undefined,
    fencing,
    tokenMs: token,
    recheckSeconds: recheckInterval / 1000,
    power: power[config.target],
    moving: movingOf(config),
    startSeconds: startTimeout / 1000,
    startLimitSeconds: startTimeout / 1000 + 60,
  };
}

/** Where a host has its disk: by the serial number of the rig's machines, by a link of link-volumes on EC2. */
const blockDevices: Readonly<Record<EnvironmentConfig['target'], (site: BrokerSite) => string>> = {
  rig: () => '/dev/disk/by-id/virtio-volume-0',
  aws: ({ name }) => `/dev/disk/rabbitmq-ha-kit/${name}-data`,
};

/** An instance takes its time to stop: AWS gives minutes where the rig answers at once. */
const power: Readonly<Record<EnvironmentConfig['target'], DrbdPacemakerContext['power']>> = {
  rig: { agent: 'fence_rig', offSeconds: 60, monitorSeconds: 60 },
  aws: { agent: 'fence_aws_host', offSeconds: 300, monitorSeconds: 300 },
};

function movingOf(config: EnvironmentConfig): DrbdPacemakerContext['moving'] {
  const mechanism = mechanismOf(config);
  return {
    region: config.aws.region ?? '',
    overlay: mechanism === 'overlay',
    secondary: mechanism === 'secondary-ip',
    // What manages the interface of an instance leaves the loopback alone, and nobody asks by ARP.
    carrier: mechanism === 'announced' ? 'eth0' : 'lo',
  };
}

function peerOf(broker: BrokerSite, brokers: readonly BrokerSite[]): BrokerSite {
  const peer = brokers.find((site) => site !== broker);
  if (peer === undefined) throw new RangeError('a replicated disk is on two hosts');
  return peer;
}
