import { expect, test } from 'vitest';
import type { Channel, RunResult } from '../../../infra/operations/channel.ts';
import { broughtPasswords } from '../../../infra/operations/definitions/brought-passwords.ts';
import { hashed, isHashOf } from '../../../infra/operations/definitions/password-hash.ts';
import { renewSecrets } from '../../../infra/operations/host-secrets.ts';

const ended = (stdout: string, code = 0, stderr = ''): RunResult => ({ code, stdout, stderr });
const programs = '/usr/local/lib/rabbitmq-ha-kit';

/** One broker that has booted; `answers` by the command's first word. */
function broker(answers: Readonly<Record<string, RunResult>>): {
  channel: Channel;
  asked: string[];
} {
  const asked: string[] = [];
  const host = { name: 'broker-1', zone: 'a', address: '10.0.0.1', labels: { roles: 'broker' } };
  const channel: Channel = {
    hosts: () => Promise.resolve([{ ...host, state: 'running' as const }]),
    run: (_, argv) => {
      if (argv[0] === 'sh') return Promise.resolve(ended('running\n'));
      asked.push(argv.join(' '));
      return Promise.resolve(answers[argv[0] ?? ''] ?? ended(''));
    },
  };
  return { channel, asked };
}

const renewal = { host: 'broker-1', reaction: ['/usr/local/sbin/broker-renew'] };

test('a running host fetches by itself, then takes up what changed; no value passes by', async () => {
  const [fetch, files] = [`${programs}/fetch-secrets`, `${programs}/late-files`];
  const { channel, asked } = broker({
    [fetch]: ended('erlang-cookie certificate-broker-1 late-files\n'),
    [files]: ended('/etc/hosts\n'),
  });
  expect(await renewSecrets(channel, renewal)).toEqual([
    'erlang-cookie',
    'certificate-broker-1',
    '/etc/hosts',
  ]);
  expect(asked).toEqual([fetch, `${files} take-up`, '/usr/local/sbin/broker-renew']);
});

test('secrets wait for files that could not be taken up', async () => {
  const { channel, asked } = broker({ [`${programs}/late-files`]: ended('', 1, 'no reload\n') });
  await expect(renewSecrets(channel, renewal)).rejects.toThrow(
    'broker-1 did not take up files that have changed: no reload',
  );
  expect(asked).not.toContain('/usr/local/sbin/broker-renew');
});

test('nothing is taken up where nothing could be fetched, and the host says why', async () => {
  const why = 'rabbitmq-ha-kit: there is no parameter /mq/cookie in Systems Manager (trial)';
  const { channel, asked } = broker({ [`${programs}/fetch-secrets`]: ended('', 1, `${why}\n`) });
  await expect(renewSecrets(channel, renewal)).rejects.toMatchObject({
    parts: { what: expect.stringContaining('broker-1 cannot fetch') as unknown, value: why },
  });
  expect(asked).toHaveLength(1);
});

test('a password that is in a parameter is known here by its hash alone', async () => {
  const ask = `${programs}/parameter-hash`;
  const { channel, asked } = broker({ [ask]: ended(hashed('of the user')) });
  const { shop } = await broughtPasswords(channel, { shop: '/shop/password' }, ['broker-1']);
  expect(shop).toEqual({ hash: hashed('of the user') });
  expect(shop && isHashOf(hashed('of the user'), shop)).toBe(true);
  expect(shop && isHashOf(hashed('another'), shop)).toBe(false);
  expect(asked).toEqual([`${ask} /shop/password`]);
  expect(await broughtPasswords(channel, {}, ['broker-1'])).toEqual({});
});

test('a parameter that is not there is named at once, with how to make it', async () => {
  const { channel } = broker({ [`${programs}/parameter-hash`]: ended('', 2, 'there is none') });
  const asking = broughtPasswords(channel, { shop: '/shop/password' }, ['broker-1']);
  await expect(asking).rejects.toMatchObject({
    parts: {
      what: 'the password of user shop cannot be read',
      value: 'there is none',
      fix: expect.stringContaining('--name /shop/password') as unknown,
    },
  });
});
