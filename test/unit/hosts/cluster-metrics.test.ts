import { afterEach, beforeEach, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/lib/rabbitmq-ha-kit/cluster-metrics';
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`drbd-pacemaker/${program}`);
  host.fake('cluster-status', 'cat "$ROOT/said"');
});
afterEach(() => {
  host.remove();
});

const metrics = (status: object): string[] => {
  host.put('said', JSON.stringify(status));
  const { code, stdout, stderr } = host.run(program);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').filter(Boolean);
};

it.each([
  [
    'whole',
    {
      cluster: { quorate: true, failures: [] },
      disk: { connection: 'Connected', state: 'UpToDate', peerState: 'UpToDate' },
    },
    [1, 0, 2, 0],
  ],
  [
    'the other host is off',
    {
      cluster: { quorate: true, failures: [{ operation: 'broker_monitor_10000' }] },
      disk: { connection: 'WFConnection', state: 'UpToDate', peerState: 'Outdated' },
    },
    [1, 1, 1, 0],
  ],
  [
    'a split brain, without a quorum',
    {
      cluster: { quorate: false, failures: [] },
      disk: { connection: 'StandAlone', state: 'UpToDate', peerState: 'DUnknown' },
    },
    [0, 0, 1, 1],
  ],
  ['neither Pacemaker nor DRBD runs', { cluster: null, disk: null }, [0, 0, 0, 0]],
])('%s', (_, status, [quorate, failures, copies, apart]) => {
  expect(metrics(status)).toEqual([
    `rabbitmq_ha_kit_cluster_quorate ${quorate}`,
    `rabbitmq_ha_kit_cluster_failures ${failures}`,
    `rabbitmq_ha_kit_disk_copies ${copies}`,
    `rabbitmq_ha_kit_disk_apart ${apart}`,
  ]);
});
