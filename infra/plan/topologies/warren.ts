import { brokerSeat } from '../seats.ts';
import type { WarrenContext } from '../contexts.ts';
import { noContext } from '../common.ts';
import { onUnitFileChange, programFile, restart, templateFile } from '../files.ts';
import type { FilePlan } from '../model.ts';
import { metadataStoreFile } from './metadata-store.ts';
import { oneMemberFiles } from './one-member.ts';
import { brokerSite, type Topology, type TopologyFiles } from './topology.ts';

/** Always two: the first serves, the second stands by. */
const sides = [
  { name: 'rabbit-a', role: 'active' },
  { name: 'rabbit-b', role: 'standby' },
] as const;

const firstSeat = 201;

/** Two brokers that share nothing; clients use the standby only while the active one is down. */
export const warren: Topology = {
  release: 'trixie',
  rabbitmq: '4.0',
  clustered: false,
  firstSeat,
  standby: true,
  holds: () => ({ members: 1, queueType: 'quorum', streams: false }),
  plugins: ['rabbitmq_shovel'],
  units: ['warren-drain.service'],
  // Its one node has no other to lose, yet nothing is left open.
  netTicktime: ({ quorumCluster }) => quorumCluster.netTicktime,
  settled: (config) => ({ 'warren.metadataStore': config.warren.metadataStore }),
  brokers: (config, layout) =>
    sides.map(({ name, role }, index) =>
      brokerSite(config, {
        name,
        ...brokerSeat(layout, firstSeat, index),
        server: {
          role,
          weight: 1,
          returnDelayMs: role === 'active' ? config.warren.failBack.delay : 0,
        },
      }),
    ),
  files: (input) => warrenFiles(contextOf(input)),
};

function contextOf({ config, broker, brokers, context }: TopologyFiles): WarrenContext {
  const peer = brokers.find((site) => site !== broker);
  if (peer === undefined) throw new RangeError('a warren has two brokers');
  const { drainInterval, drainQuiet, prefetch } = config.warren.failBack;
  return {
    ...context,
    metadataStore: config.warren.metadataStore,
    side: broker.server.role,
    peer: {
      host: peer.name,
      address: peer.address,
      nodeName: peer.nodeName,
      side: peer.server.role,
    },
    drain: {
      intervalSeconds: drainInterval / 1000,
      quietSeconds: drainQuiet / 1000,
      prefetch,
    },
  };
}

const restartDrain = restart('warren-drain.service');

const warrenFiles = (context: WarrenContext): FilePlan[] => [
  metadataStoreFile(context),
  ...oneMemberFiles(context),
  templateFile('warren/etc/rabbitmq-ha-kit/warren.env.hbs', context, { onChange: restartDrain }),
  templateFile('warren/etc/systemd/system/warren-drain.service', noContext, {
    onChange: onUnitFileChange,
  }),
  {
    ...programFile('warren/usr/local/lib/rabbitmq-ha-kit/warren-drain', noContext),
    onChange: restartDrain,
    // Of the largest warren's files it leaves the others room in user-data.
    canWait: true,
  },
];
