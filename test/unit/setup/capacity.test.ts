import { expect, test } from 'vitest';

import { type Capacity, inotifyNeed, judgeCapacity } from '../../../scripts/lib/capacity.ts';

const host = (name: string, memoryMiB = 1024) => ({ name, memoryMiB });
const planned = [host('broker-1'), host('broker-2'), host('broker-3'), host('balancer-1', 256)];
const facts: Capacity = { planned, running: [], machineMiB: 4096, freeInotify: 100 };

test('a machine that holds the plan has no problem', () => {
  expect(judgeCapacity(facts)).toEqual([]);
});

test('planned memory beyond the machine is refused with each host, need and fix', () => {
  expect(judgeCapacity({ ...facts, machineMiB: 3000 })).toEqual([
    {
      what: 'the 4 hosts may use more memory than this machine has',
      value: '3.25 GiB: broker-1 1 GiB, broker-2 1 GiB, broker-3 1 GiB, balancer-1 0.25 GiB',
      allowed: 'at most 2.93 GiB',
      fix: 'lower brokers.memory, or use a larger machine',
    },
  ]);
});

test('in a swap the hosts that are to go count beside the new ones, the same host once', () => {
  const running = [host('balancer-1', 256), host('rabbit-a')];
  const [problem] = judgeCapacity({ ...facts, running });
  expect(problem?.value).toMatch(/^4\.25 GiB: .*rabbit-a 1 GiB$/);
});

test('inotify instances are wanted for hosts that do not run yet', () => {
  expect(inotifyNeed(facts)).toBe(28);
  expect(inotifyNeed({ planned, running: planned })).toBe(0);
});

test('too few of them are refused with value, need and fix', () => {
  expect(judgeCapacity({ ...facts, freeInotify: 12 })).toMatchObject([
    {
      value: '12 free',
      allowed: 'at least 28, 7 a host',
      fix: 'sysctl fs.inotify.max_user_instances=1024, or take other environments down',
    },
  ]);
  expect(judgeCapacity({ ...facts, freeInotify: undefined })).toEqual([]);
});
