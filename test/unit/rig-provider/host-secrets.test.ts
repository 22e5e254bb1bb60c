import { afterEach, beforeEach, expect, it } from 'vitest';
import { hostSecrets } from '../../../infra/rig-provider/resources/host-secrets.ts';
import { hear } from '../../../infra/rig-provider/say.ts';
import { FakePrograms, instance } from '../channels/fake-programs.ts';

const channel = {
  kind: 'aws',
  stack: 'mq',
  region: 'eu-central-1',
  method: 'instance-connect',
} as const;
const versions = { 'erlang-cookie': '1', 'late-files': '1' };
const before = {
  ...{ stack: 'mq', channel, host: 'broker-1', versions, onChange: ['broker-renew'] },
};
const renew = /broker-renew/;

let programs: FakePrograms;
let said: string[];
beforeEach(() => {
  programs = new FakePrograms();
  programs.instances(instance('i-1', 'broker-1'));
  programs.write(
    'ssh',
    `echo "$*" >> "$FAKE/ssh.log"
case "$*" in
  *fetch-secrets*) echo "erlang-cookie late-files" ;;
  *take-up*) echo /etc/hosts ;;
  *) echo running ;;
esac`,
  );
  said = [];
  hear((line) => said.push(line));
});
afterEach(() => {
  programs[Symbol.dispose]();
});

const update = async (changed: object): Promise<string[]> => {
  const next = { ...before, versions: { ...versions, ...changed } };
  expect(await hostSecrets.diff('', before, next)).toEqual({ updates: ['versions'], replaces: [] });
  expect((await hostSecrets.update('', before, next)).versions).toEqual(next.versions);
  return programs.log('ssh');
};

it('a changed secret is fetched and taken up, and said by name', async () => {
  const ran = await update({ 'erlang-cookie': '2' });
  expect(ran.filter((line) => renew.test(line))).toHaveLength(1);
  expect(ran.findIndex((line) => line.includes('fetch-secrets'))).toBeLessThan(
    ran.findIndex((line) => renew.test(line)),
  );
  expect(said).toEqual(['broker-1 fetched what has changed and took up erlang-cookie, /etc/hosts']);
});

it('files that follow the hosts bring reactions of their own: no secret is taken up for them', async () => {
  const ran = await update({ 'late-files': '2' });
  expect(ran.some((line) => /late-files\W+take-up/.test(line))).toBe(true);
  expect(ran.some((line) => renew.test(line))).toBe(false);
});

it('a host that has what it should is left alone', async () => {
  expect(await hostSecrets.diff('', before, before)).toEqual({ updates: [], replaces: [] });
  expect(programs.log('ssh')).toEqual([]);
});
