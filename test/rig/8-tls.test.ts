import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { probeMessage } from '../../infra/operations/amqp-probe.ts';
import { leftovers } from '../../infra/rig-provider/remains.ts';
import { createAuthority } from '../../infra/tls/x509.ts';
import { waitFor } from '../../infra/wait.ts';
import { assertNothingLost, describe as describeVerdict } from '../lib/ledger.ts';
import { drainQueues, judge, LedgerPublisher } from '../lib/ledger.ts';
import {
  encrypted as stack,
  encryptedConfig,
  figure,
  ledgerFile,
} from '../lib/rig/environments.ts';
import { connectAsClient } from '../lib/rig/network.ts';
import { exposures, openPlaces, secretsOf } from '../lib/rig/secrets.ts';
import type { Outputs } from '../lib/rig/stack.ts';
import { handshake, welcome } from '../lib/rig/tls.ts';
import { tracesOf } from '../lib/rig/traces.ts';

const brokers = stack.hosts('broker');
const [first = '', second = ''] = brokers;
const queue = 'rig.tls';
let outputs: Outputs;
let ca = '';

beforeAll(async () => {
  await stack.down();
  const { tookMs } = await stack.up();
  figure('up with TLS from nothing, ms', tookMs);
  outputs = await stack.outputs();
  ca = outputs.caCertificate ?? '';
}, 400_000);

afterAll(async () => {
  const ports = await stack.localPorts();
  await stack.down();
  expect(await leftovers(stack.name)).toEqual([]);
  expect(await tracesOf(stack, ports)).toEqual([]);
}, 120_000);

describe('a client that verifies', () => {
  const names = ['amqp', 'management', 'statistics'] as const;

  test.each(names)('accepts %s with the authority of the environment', async (name) => {
    const met = await handshake(outputs.endpoints[name] ?? '', ca);
    expect(met).toMatchObject({ protocol: 'TLSv1.3' });
  });

  test.each(names)('refuses %s with another authority, and under another name', async (name) => {
    const url = outputs.endpoints[name] ?? '';
    const foreign = await createAuthority(`${stack.name} authority`, 2);
    expect(await handshake(url, foreign.certificate)).not.toHaveProperty('accepted');
    expect(await handshake(url, undefined)).not.toHaveProperty('accepted');
    expect(await handshake(url, ca, 'broker-1.elsewhere.example')).toEqual({
      refused: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('gets a message through the virtual address', async () => {
    const result = await probeMessage({ uri: outputs.amqpUri, ca, deadlineMs: 10_000 });
    expect(result.consumedMs).toBeGreaterThanOrEqual(0);
  });
});

test('nothing listens without TLS', async () => {
  for (const port of [5672, 15_672]) {
    expect(await connectAsClient(stack, stack.virtualAddress, port)).not.toBe('open');
    for (const host of brokers) {
      const listening = await stack.run(host, ['ss', '-Hltn', `sport = :${port}`]);
      expect(listening.trim(), `${host}:${port}`).toBe('');
    }
  }
  expect(await connectAsClient(stack, stack.virtualAddress, 5671)).toBe('open');
});

test('brokers of the cluster speak TLS with each other, and want a certificate', async () => {
  const status = await stack.status();
  expect(status.brokers.map(({ running }) => running)).toEqual([true, true, true]);
  const pem = '/run/rabbitmq-ha-kit/broker/tls';
  // With TLS 1.3 a server says after the handshake that it wants a certificate: this waits for its word.
  const ask = `timeout 3 openssl s_client -ign_eof -connect ${first}:25672 -CAfile ${pem}/authorities.pem -verify_hostname ${first} $1 < /dev/null 2>&1 || :`;
  const own = `-cert ${pem}/certificate.pem -key ${pem}/key.pem`;
  const without = await stack.run(second, ['sh', '-c', ask.replace('$1', '')]);
  expect(without).toContain('Verify return code: 0 (ok)');
  expect(without).toContain('certificate required');
  const withOwn = await stack.run(second, ['sh', '-c', ask.replace('$1', own)]);
  expect(withOwn).toContain('Verify return code: 0 (ok)');
  expect(withOwn).not.toContain('certificate required');
});

test('status tells of each certificate as hosts show it', async () => {
  const { certificates, authorities } = await stack.status();
  expect(certificates.map(({ host, listeners }) => `${host} ${listeners.join()}`).sort()).toEqual([
    ...stack.hosts('balancer').map((host) => `${host} statistics`),
    ...brokers.map((host) => `${host} amqps,management-tls`),
  ]);
  expect(authorities.map(({ subject }) => subject)).toEqual([`CN=${stack.name} authority`]);
});

test('keys and passwords are in no file, log, state or process list', async () => {
  const secrets = await secretsOf(stack);
  expect([...secrets.keys()].filter((name) => name.startsWith('certificate-broker-1'))).not.toEqual(
    [],
  );
  expect(exposures(secrets, await openPlaces(stack))).toEqual([]);
});

test('a rotation of what is not whole is refused, and nothing has changed', async () => {
  const before = await shown();
  await stack.run(second, ['systemctl', 'stop', 'rabbitmq-server'], 60_000);
  const refused = await stack.tryRotate('--certificates');
  await stack.run(second, ['systemctl', 'start', 'rabbitmq-server'], 60_000);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/is not whole, and stays as it is: .*broker-2 is not running/);
  const after = await waitFor(async () => ({ done: true, value: await shown() }), {
    subject: 'a healthy status with the broker back',
    deadlineMs: 60_000,
    intervalMs: 500,
  });
  expect(after).toEqual(before);
});

test('passwords, the cookie and the authority change under a publisher, then it expires: no reconnect before, nothing lost', async () => {
  const publisher = new LedgerPublisher({
    uri: outputs.amqpUri,
    ca,
    queues: [queue],
    file: ledgerFile('tls-rotations'),
    ratePerSecond: 50,
    maxMessages: 100_000,
  });
  let ends: Date;
  try {
    await publisher.moreConfirms(50, 20_000);
    await newPasswords();
    await publisher.moreConfirms(20, 20_000);
    await newCookie();
    await publisher.moreConfirms(20, 20_000);
    ends = await ownAuthority();
    await publisher.moreConfirms(50, 20_000);
  } finally {
    await publisher.finish(30_000);
  }
  const { book } = publisher;
  expect(book.events().filter(({ kind }) => kind === 'lost')).toEqual([]);
  await afterItsEnd(ends);
  const { amqpUri: uri } = await stack.outputs();
  const received = await drainQueues({ uri, ca, queues: [queue], deadlineMs: 60_000 });
  const verdict = judge(book.entries(), received);
  figure('rotations', describeVerdict(verdict));
  assertNothingLost(verdict, 200);
  await stack.status();
}, 600_000);

/** Serial numbers that hosts show, in their order. */
async function shown(): Promise<string[]> {
  const { certificates } = await stack.status();
  return certificates.map(({ serial }) => serial);
}

/**
 * An authority of the user's own is trusted first, then signs: clients that know both see no difference.
 * @returns when it expires: long enough for both steps on a busy machine
 */
async function ownAuthority(): Promise<Date> {
  const before = await shown();
  const own = await createAuthority('own authority', 60 / 86_400);
  const folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-authority-'));
  const files = { certificateFile: join(folder, 'ca.pem'), keyFile: join(folder, 'ca.key') };
  writeFileSync(files.certificateFile, own.certificate);
  writeFileSync(files.keyFile, own.key, { mode: 0o600 });
  stack.configure({ ...encryptedConfig, tls: { ...encryptedConfig.tls, authority: files } });
  try {
    const { tookMs } = await stack.rotate('--certificates', '--ca');
    figure('rotate --certificates --ca, ms', tookMs);
    expect(await shown()).toEqual(before);
    const former = ca;
    ca = (await stack.outputs()).caCertificate ?? '';
    await stack.rotate('--certificates');
    const after = await shown();
    expect(after.filter((serial) => before.includes(serial))).toEqual([]);
    const url = outputs.endpoints['amqp'] ?? '';
    expect(await handshake(url, ca)).toHaveProperty('accepted');
    // Only the new authority has signed what is shown: who was not told of it refuses.
    expect(await handshake(url, former)).not.toHaveProperty('accepted');
  } finally {
    stack.configure(encryptedConfig);
    rmSync(folder, { recursive: true });
  }
  return new X509Certificate(own.certificate).validToDate;
}

/** Nobody is let in any more, and the one command that ends that is not refused for it. */
async function afterItsEnd(ends: Date): Promise<void> {
  await pause(Math.max(0, ends.getTime() + 1_000 - Date.now()));
  const { authorities } = await stack.status(4);
  expect(authorities.map(({ expires }) => expires)).toContain(ends.toISOString());
  const refused = await stack.tryRotate('--cookie');
  expect(refused.stderr).toMatch(/is not whole.*CN=own authority has expired/);
  const { tookMs } = await stack.rotate('--certificates', '--ca');
  figure('rotate --certificates --ca after the end of the authority, ms', tookMs);
  ca = (await stack.outputs()).caCertificate ?? '';
  expect(await handshake(outputs.endpoints['amqp'] ?? '', ca)).toHaveProperty('accepted');
  const { authorities: trusted } = await stack.status();
  expect(trusted.map(({ subject }) => subject)).toEqual([`CN=${stack.name} authority`]);
}

async function newPasswords(): Promise<void> {
  const { tookMs } = await stack.rotate('--credentials');
  figure('rotate --credentials, ms', tookMs);
  const { amqpUri } = await stack.outputs();
  expect(amqpUri).not.toBe(outputs.amqpUri);
  await probeMessage({ uri: amqpUri, ca, deadlineMs: 10_000 });
  expect(await welcome(amqpUri, ca)).toBe('connected');
  expect(await welcome(outputs.amqpUri, ca)).toContain('ACCESS_REFUSED');
}

/** Cut off in the middle, when some brokers have it and some have not, then run again. */
async function newCookie(): Promise<void> {
  const before = await cookies();
  const rotation = stack.startRotate('--cookie');
  await waitFor(
    async () => {
      const now = await cookies();
      return now.some((cookie) => !before.includes(cookie)) || rotation.ended
        ? { done: true, value: true }
        : { seen: 'no broker has a new one' };
    },
    { subject: 'the first broker to have a new cookie', deadlineMs: 120_000, intervalMs: 50 },
  );
  rotation.signal('SIGKILL');
  expect((await rotation.result).code).not.toBe(0);
  const { tookMs } = await stack.rotate('--cookie');
  figure('rotate --cookie after an interrupt, ms', tookMs);
  const after = await cookies();
  expect(new Set(after).size).toBe(1);
  expect(before).not.toContain(after[0]);
}

const cookies = (): Promise<string[]> =>
  Promise.all(
    brokers.map((host) => stack.run(host, ['sha256sum', '/var/lib/rabbitmq/.erlang.cookie'])),
  );
