import { expect, it } from 'vitest';
import type { Channel, LiveHost } from '../../../infra/operations/channel.ts';
import type { ClusterAnswer } from '../../../infra/operations/cluster/answers.ts';
import { lookAtCopies, waitForCopies } from '../../../infra/operations/cluster/copies.ts';

type Disk = ClusterAnswer['disk'];

const disk = (connection: string, state = 'UpToDate', syncPercent: number | null = null): Disk => ({
  ...{ connection, state, syncPercent },
  ...{ role: 'Primary', peerRole: 'Secondary', peerState: 'UpToDate', outOfSyncKiB: 0 },
});
const look = (a: Disk, b: Disk) =>
  lookAtCopies(
    new Map([
      ['drbd-a', { disk: a }],
      ['drbd-b', { disk: b }],
    ]),
  );

it('is done once both are whole', () => {
  const seen = look(disk('Connected'), disk('Connected'));
  expect(seen).toEqual({ done: true, value: undefined });
});

it.each([
  [
    'the other host boots',
    disk('WFConnection'),
    null,
    'drbd-a: WFConnection, drbd-b: DRBD is down',
  ],
  ['they shake hands', disk('Connected'), disk('WFBitMapT'), 'drbd-b: WFBitMapT'],
])('waits while %s', (_, a, b, seen) => {
  expect(look(a, b)).toEqual({ seen });
});

it('does not wait for what is copied, and says so', () => {
  expect(look(disk('SyncSource'), disk('SyncTarget', 'Inconsistent', 12.5))).toEqual({
    done: true,
    value: 'drbd-b catches up (12.5 %)',
  });
});

it('does not wait for what waiting does not mend', () => {
  expect(look(disk('StandAlone'), disk('WFConnection'))).toMatchObject({
    done: true,
    value: expect.stringContaining('npm run split-brain') as string,
  });
});

it('does not wait for a host that is off', async () => {
  const host = (name: string, state: LiveHost['state']): LiveHost => ({
    ...{ name, state, zone: 'a', address: '10.77.2.11' },
    labels: { roles: 'broker', topology: 'drbd-pacemaker' },
  });
  const hosts = [host('drbd-a', 'running'), host('drbd-b', 'stopped')];
  const channel: Channel = {
    hosts: () => Promise.resolve(hosts),
    run: () => Promise.reject(new Error('nobody is asked')),
  };
  expect(await waitForCopies(channel)).toContain('drbd-b is stopped');
});
