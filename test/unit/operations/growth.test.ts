import { expect, it } from 'vitest';
import type { Channel, LiveHost } from '../../../infra/operations/channel.ts';
import { growFileSystems } from '../../../infra/operations/growth.ts';

const gib = 1024 ** 3;
const sizes = { '/var/lib/rabbitmq': 200 };

/** @param seen sizes of the device, GiB: one a look, the last one for good */
function broker(
  seen: readonly number[],
  state: LiveHost['state'] = 'running',
  resize = { code: 0, stderr: '' },
): { channel: Channel; ran: string[] } {
  const left = [...seen];
  const ran: string[] = [];
  const run: Channel['run'] = (host, argv) => {
    ran.push(`${host} ${argv.join(' ')}`);
    const size = () => (left.length > 1 ? left.shift() : left[0]) ?? 0;
    const answers: Record<string, () => string> = {
      findmnt: () => '/dev/nvme1n1\n',
      blockdev: () => `${size() * gib}\n`,
    };
    const rest = argv[0] === 'resize2fs' ? resize : { code: 0, stderr: '' };
    return Promise.resolve({ stdout: answers[argv[0] ?? '']?.() ?? '', ...rest });
  };
  const host = { name: 'broker-1', state, zone: 'a', address: '10.0.0.1', labels: {} };
  return { channel: { hosts: () => Promise.resolve([host]), run }, ran };
}

it('a file system grows once its host sees that the volume has grown', async () => {
  const { channel, ran } = broker([100, 200]);
  expect(await growFileSystems(channel, 'broker-1', sizes)).toBe(true);
  expect(ran.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
    'findmnt -no SOURCE --mountpoint /var/lib/rabbitmq',
    'blockdev --getsize64 /dev/nvme1n1',
    'findmnt -no SOURCE --mountpoint /var/lib/rabbitmq',
    'blockdev --getsize64 /dev/nvme1n1',
    'resize2fs /dev/nvme1n1',
  ]);
});

it('says what it saw where the volume stays as it was, and grows nothing', async () => {
  const { channel, ran } = broker([100]);
  await expect(growFileSystems(channel, 'broker-1', sizes, 10)).rejects.toThrow(
    `the volume at /var/lib/rabbitmq of broker-1 to have 200 GiB after 10 ms; last seen: /dev/nvme1n1 has ${100 * gib} bytes`,
  );
  expect(ran.join()).not.toContain('resize2fs');
});

it('says what resize2fs says', async () => {
  const { channel } = broker([200], 'running', { code: 1, stderr: 'Structure needs cleaning' });
  await expect(growFileSystems(channel, 'broker-1', sizes)).rejects.toThrow(
    'resize2fs /dev/nvme1n1 on broker-1 ended with 1: Structure needs cleaning',
  );
});

it('leaves a host that does not run to its next boot', async () => {
  const { channel, ran } = broker([200], 'stopped');
  expect(await growFileSystems(channel, 'broker-1', sizes)).toBe(false);
  expect(ran).toEqual([]);
});
