import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileSystems } from '../../../infra/rig-provider/resources/file-systems.ts';
import { hear } from '../../../infra/rig-provider/say.ts';
import { FakePrograms, instance } from '../channels/fake-programs.ts';

const channel = {
  kind: 'aws',
  stack: 'mq',
  region: 'eu-central-1',
  method: 'instance-connect',
} as const;
const inputs = { stack: 'mq', channel, host: 'broker-1', sizes: { '/data': 100 } };
const larger = { ...inputs, sizes: { '/data': 200 } };

let fake: FakePrograms;
const said: string[] = [];
beforeEach(() => {
  fake = new FakePrograms();
  fake.instances(instance('i-1', 'broker-1'));
  fake.write('timeout', 'shift 3; exec "$@"');
  fake.write('findmnt', 'echo /dev/nvme1n1');
  fake.write('blockdev', `echo ${200 * 1024 ** 3}`);
  fake.write(
    'resize2fs',
    'echo "$@" > "$FAKE/resized.log"; echo "resize2fs $@" >> "$FAKE/aws.log"',
  );
  said.length = 0;
  hear((line) => said.push(line));
});
afterEach(() => {
  fake[Symbol.dispose]();
});

const grown = (): boolean => fake.log('aws').includes('resize2fs /dev/nvme1n1');

it('file systems follow a volume that grows, over the way onto the host', async () => {
  expect(fileSystems.diff('', inputs, larger)).toEqual({ updates: ['sizes'], replaces: [] });
  expect(await fileSystems.update('', inputs, larger)).toEqual(larger);
  expect(grown()).toBe(true);
  expect(said).toEqual([]);
});

it('nothing is done on a host that is new, or for another way onto it', async () => {
  await fileSystems.create(larger, 'mq-broker-1-file-systems');
  await fileSystems.update('', larger, { ...larger, channel: { ...channel, method: 'none' } });
  expect(fake.log('aws')).toEqual([]);
});

it('where there is no way, the next boot does it, and the update says so', async () => {
  const closed = { ...larger, channel: { ...channel, method: 'none' as const } };
  await fileSystems.update('', inputs, closed);
  expect(grown()).toBe(false);
  expect(said).toEqual(['broker-1: its file systems fill their volumes when it boots next']);
});
