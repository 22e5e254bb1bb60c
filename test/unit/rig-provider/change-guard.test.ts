import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provider } from '../../../infra/rig-provider/provider.ts';
import { FakePrograms, instance } from '../channels/fake-programs.ts';

const urn =
  'urn:pulumi:dev::shop::kit:index:RabbitmqEnvironment$rig:rabbitmq:ChangeGuard::mq-changes';
const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const lookup = { kind: 'aws', stack: 'mq', region: 'eu-central-1', method: 'none' };
const inputs = {
  stack: 'mq',
  channel: lookup,
  lookup,
  topology: 'quorum-cluster',
  brokers: ['broker-1'],
  settled: {},
  definitions: { items: {}, replace: 'never' },
};
const words =
  'aws in eu-central-1 has hosts of an environment mq already, and this state has not made them';

let fake: FakePrograms;
beforeEach(() => {
  fake = new FakePrograms();
  fake.instances();
});
afterEach(() => {
  fake[Symbol.dispose]();
});

describe('a new environment whose name has hosts', () => {
  beforeEach(() => {
    fake.instances(instance('i-1', 'broker-1'));
  });

  it('is refused in the preview, where the way onto hosts has no key yet', async () => {
    const { failures = [] } = await provider.check(urn, {}, { ...inputs, channel: unknown });
    expect(failures.map(({ property }) => property)).toEqual(['stack']);
    expect(failures[0]?.reason).toContain(words);
    expect(failures[0]?.reason).toContain('broker-1 (10.0.0.11)');
    expect(failures[0]?.reason).toContain('fix: take another name for the stack');
  });

  it('is refused before anything is made', async () => {
    await expect(provider.create(urn, inputs)).rejects.toThrow(words);
  });

  it('is its own where the state has made it', async () => {
    const { failures = [] } = await provider.check(urn, inputs, inputs);
    expect(failures).toEqual([]);
  });
});

it("a zone behind the others goes again on EC2, where a subnet is nobody else's", async () => {
  fake.instances(instance('i-1', 'broker-1'));
  fake.write('ssh', 'exit 0');
  const zones = (network: string, place: string) => ({
    ...inputs,
    channel: { ...lookup, method: 'instance-connect' },
    settled: { network },
    places: { 'broker-1': place },
  });
  const before = zones('a 10.0.0.0/24, b 10.0.1.0/24', 'a 10.0.0.11');
  const after = zones('a 10.0.0.0/24', 'a 10.0.0.11');
  expect((await provider.check(urn, before, after)).failures).toEqual([]);
  const moved = { ...after, places: { 'broker-1': 'a 10.0.0.12' } };
  const { failures = [] } = await provider.check(urn, before, moved);
  expect(failures[0]?.reason).toContain('would move hosts that exist: broker-1');
});

it('a name without hosts is free', async () => {
  expect((await provider.check(urn, {}, inputs)).failures).toEqual([]);
  expect(fake.log('aws').length).toBeLessThanOrEqual(1);
});

it('a preview goes on where nobody can be asked; a deployment does not', async () => {
  fake.write('aws', 'echo "Unable to locate credentials" >&2; exit 253');
  expect((await provider.check(urn, {}, inputs)).failures).toEqual([]);
  await expect(provider.create(urn, inputs)).rejects.toThrow('Unable to locate credentials');
});
