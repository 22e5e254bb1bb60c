import { brokerLimits } from '../../plan/sizing.ts';
import { topologyModules } from '../../plan/topologies/index.ts';
import { type Rule, showSize } from './rule.ts';

const zonesForMajority: Rule = (config) => {
  const { topology, network } = config;
  const majority = topologyModules[topology].majority?.(config);
  return majority === undefined || network.zones.length >= 3
    ? []
    : [
        {
          path: 'network.zones',
          what: 'are too few: without a third zone the loss of one can take the majority',
          value: network.zones.join(', '),
          allowed: `at least 3 zones with ${majority.of}`,
          fix: `add a zone, or ${majority.instead}`,
          related: ['topology', ...majority.related],
        },
      ];
};

const partitionHandlingNeedsMnesia: Rule = ({ quorumCluster }) =>
  quorumCluster.partitionHandling === undefined || quorumCluster.metadataStore === 'mnesia'
    ? []
    : [
        {
          path: 'quorumCluster.partitionHandling',
          what: 'has no effect: Khepri decides by majority',
          value: quorumCluster.partitionHandling,
          allowed: 'nothing with metadataStore khepri',
          fix: 'remove the line, or set quorumCluster.metadataStore: mnesia',
          related: ['quorumCluster.metadataStore'],
        },
      ];

const watermarkBelowMemory: Rule = (config) => {
  const { memory, memoryWatermark } = config.brokers;
  const highest = Math.floor(memory * 0.7);
  return memoryWatermark === undefined || memoryWatermark <= highest
    ? []
    : [
        {
          path: 'brokers.memoryWatermark',
          what: 'leaves the broker too little room above it',
          value: showSize(memoryWatermark),
          allowed: `at most 70 % of brokers.memory: ${showSize(highest)}`,
          fix: 'lower it, raise brokers.memory, or remove the line for 60 %',
          related: ['brokers.memory'],
        },
      ];
};

const diskHoldsLimit: Rule = (config) => {
  const { disk } = config.brokers;
  const { memoryWatermarkMiB, diskFreeLimitMiB } = brokerLimits(config.brokers);
  const related = ['brokers.disk', 'brokers.memory', 'brokers.memoryWatermark'];
  if (diskFreeLimitMiB < memoryWatermarkMiB) {
    return [
      {
        path: 'brokers.diskFreeLimit',
        what: 'is below the memory watermark, so that paging could fill the disk',
        value: showSize(diskFreeLimitMiB),
        allowed: `at least the watermark: ${showSize(memoryWatermarkMiB)}`,
        fix: 'raise it, or remove the line',
        related,
      },
    ];
  }
  return diskFreeLimitMiB * 2 <= disk
    ? []
    : [
        {
          path: 'brokers.disk',
          what: 'is too small beside the free space that the broker insists on',
          value: showSize(disk),
          allowed: `at least twice the free-disk limit of ${showSize(diskFreeLimitMiB)}`,
          fix: `set brokers.disk: ${showSize(Math.ceil((diskFreeLimitMiB * 2) / 1024) * 1024)}`,
          related: [...related, 'brokers.diskFreeLimit'],
        },
      ];
};

const distinctUsers: Rule = ({ rabbitmq: { users } }) =>
  users.administrator !== users.application
    ? []
    : [
        {
          path: 'rabbitmq.users.application',
          what: 'is the administrator: applications must not hold its rights',
          value: users.application,
          allowed: 'any name but that of rabbitmq.users.administrator',
          fix: 'give the two users different names',
          related: ['rabbitmq.users.administrator'],
        },
      ];

export const brokerRules: readonly Rule[] = [
  zonesForMajority,
  partitionHandlingNeedsMnesia,
  watermarkBelowMemory,
  diskHoldsLimit,
  distinctUsers,
];
