import { afterEach, beforeEach, expect, it } from 'vitest';
import { hear } from '../../../infra/rig-provider/say.ts';
import { changeGuard } from '../../../infra/rig-provider/resources/change-guard.ts';
import { hostSecrets } from '../../../infra/rig-provider/resources/host-secrets.ts';
import { service } from '../../../infra/rig-provider/resources/service.ts';
import { FakePrograms, instance } from '../channels/fake-programs.ts';

/** Stacks with `aws.access.method: none`: nobody comes onto their hosts. */
const channel = { kind: 'aws', stack: 'mq', region: 'eu-central-1', method: 'none' } as const;
const brokers = ['broker-1', 'broker-2', 'broker-3'];
const serviceInputs = {
  stack: 'mq',
  channel,
  topology: 'quorum-cluster',
  brokers,
  clustered: true,
};
const guardInputs = {
  stack: 'mq',
  channel,
  topology: 'quorum-cluster',
  brokers,
  settled: {},
  transports: ['plain'],
  definitions: { items: {}, replace: 'never' as const },
  madeOf: { 'broker-1': { image: 'ami-1', type: 'm7g.large', userData: 'abc' } },
};

let programs: FakePrograms;
let said: string[];
beforeEach(() => {
  programs = new FakePrograms();
  said = [];
  hear((line) => said.push(line));
});
afterEach(() => {
  programs[Symbol.dispose]();
});

const refusals = async (
  before: Parameters<NonNullable<typeof changeGuard.admit>>[0],
  next: typeof before,
): Promise<string[]> =>
  ((await changeGuard.admit?.(before, next)) ?? []).map(({ reason }) => reason);

it('a service is not waited for, and says that nobody looked', async () => {
  programs.instances();
  const { state } = await service.create(serviceInputs, 'mq');
  expect(said).toEqual([
    'warning: nobody looked whether the brokers serve (aws.access.method: none)',
  ]);
  expect(await service.diff('mq', state, serviceInputs)).toEqual({ updates: [], replaces: [] });
  expect(programs.log('ssh')).toEqual([]);
});

it('the first update is let through, and so is one that touches no host', async () => {
  programs.instances();
  const more = [...brokers, 'broker-4', 'broker-5'];
  expect(await refusals(guardInputs, { ...guardInputs, brokers: more })).toEqual([]);
  programs.instances(instance('i-1', 'broker-1'));
  expect(await refusals(guardInputs, guardInputs)).toEqual([]);
});

it('what needs a look at live brokers is refused, and so is a host’s replacement', async () => {
  programs.instances(instance('i-1', 'broker-1'));
  const fewer = { ...guardInputs, brokers: ['broker-1'] };
  expect(await refusals(guardInputs, fewer)).toEqual([
    expect.stringMatching(/nobody has a way onto their hosts: brokers; allowed: .*; fix: /),
  ]);
  const other = { 'broker-1': { image: 'ami-2', type: 'm7g.large', userData: 'abc' } };
  expect(await refusals(guardInputs, { ...guardInputs, madeOf: other })).toEqual([
    expect.stringContaining('broker-1 would be replaced (image)'),
  ]);
  expect(programs.log('ssh')).toEqual([]);
});

it('hosts that were made without a way do not get one later', async () => {
  programs.instances(instance('i-1', 'broker-1'));
  const late = { ...channel, method: 'instance-connect' as const };
  expect(await refusals(guardInputs, { ...guardInputs, channel: late })).toEqual([
    expect.stringContaining('they were made without a way onto them'),
  ]);
});

it('a certificate that was renewed waits for the next boot, which is said', async () => {
  const before = { stack: 'mq', channel, host: 'broker-1', versions: { a: '1', b: '1' } };
  const inputs = { ...before, onChange: 'none' as const };
  const next = { ...inputs, versions: { a: '1', b: '2' } };
  expect(await hostSecrets.diff('', inputs, next)).toEqual({ updates: ['versions'], replaces: [] });
  await hostSecrets.update('', inputs, next);
  expect(said).toEqual([expect.stringMatching(/^broker-1 cannot be told that b .*next/)]);
  expect(programs.log('ssh')).toEqual([]);
});
