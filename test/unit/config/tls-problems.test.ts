import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { plainSecrets, plainSecretsError } from '../../../infra/config/secret-keys.ts';
import { refusedChange } from '../../../infra/operations/service/change.ts';
import { readOwnAuthority } from '../../../infra/tls/own-authority.ts';
import { createAuthority } from '../../../infra/tls/x509.ts';
import { UserError } from '../../../infra/errors.ts';

const load = (tls: object) =>
  loadEnvironment({ topology: 'quorum-cluster', tls }, undefined, 'trial');

const answer = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
};

const folder = mkdtempSync(join(tmpdir(), 'authority-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('settings of TLS without TLS', () => {
  expect(answer(() => load({ betweenNodes: true, names: ['mq.example.com'] })))
    .toMatchInlineSnapshot(`
    "the config of stack trial has 2 problems
      tls.betweenNodes has no effect without TLS
        given:   true
        allowed: nothing while tls.enabled is false
        fix:     set tls.enabled: true, or remove the line
      tls.names has no effect without TLS
        given:   mq.example.com
        allowed: nothing while tls.enabled is false
        fix:     set tls.enabled: true, or remove the line"
  `);
});

it('a key without its certificate, and certificates that outlive their authority', () => {
  expect(
    answer(() =>
      load({
        enabled: true,
        authority: { keyFile: 'ca.key' },
        validity: { authority: '30d', certificates: '60d' },
      }),
    ),
  ).toMatchInlineSnapshot(`
    "the config of stack trial has 2 problems
      tls.authority.certificateFile is missing: a key alone is no authority
        allowed: path of a PEM file with the certificate that belongs to the key
        fix:     set it, or remove tls.authority.keyFile for an authority that the kit makes
      tls.validity.certificates is no shorter than the life of the authority that signs
        given:   60d
        allowed: less than tls.validity.authority: 30d
        fix:     shorten it, or lengthen tls.validity.authority"
  `);
});

it('a key that was pasted where its file was asked for is not repeated', () => {
  const pasted = '-----BEGIN PRIVATE KEY-----\nsynthetic\n-----END PRIVATE KEY-----\n';
  const said = answer(() => load({ enabled: true, authority: { keyFile: pasted } }));
  expect(said).toContain('tls.authority.keyFile has a wrong form');
  expect(said).not.toContain('synthetic');
});

it('secrets in clear text in the config', () => {
  const section = {
    'rabbitmq-ha-kit:authorityKey': 'synthetic',
    'rabbitmq-ha-kit:adminPassword': 'synthetic',
    'rabbitmq-ha-kit:otherPassword': { secure: 'v1:cipher' },
    'other:password': 'not ours',
    'rabbitmq-ha-kit:environment': {},
  };
  const keys = plainSecrets(section);
  expect(keys).toEqual(['rabbitmq-ha-kit:authorityKey', 'rabbitmq-ha-kit:adminPassword']);
  const { what, fix } = plainSecretsError(keys).parts;
  expect(`${what}${fix ?? ''}`).not.toContain('synthetic');
  expect(fix).toContain('config set --secret rabbitmq-ha-kit:authorityKey');
});

it('files of an authority: missing, foreign, without a key', async () => {
  const [own, other] = [await createAuthority('own', 30), await createAuthority('other', 30)];
  const files = { 'own.pem': own.certificate, 'own.key': own.key, 'other.key': other.key };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const read = (authority: object, key?: string) =>
    readOwnAuthority(load({ enabled: true, authority }).tls, key);
  const certificateFile = join(folder, 'own.pem');
  expect(read({})).toBeUndefined();
  expect(read({ certificateFile, keyFile: join(folder, 'own.key') })).toEqual(own);
  expect(read({ certificateFile }, own.key)).toEqual(own);
  expect(() => read({ certificateFile })).toThrow('your own authority has no key');
  expect(() => read({ certificateFile, keyFile: join(folder, 'other.key') })).toThrow(
    'the key of your own authority does not belong to the certificate',
  );
  expect(() => read({ certificateFile: join(folder, 'none.pem') })).toThrow('cannot be read');
});

it('clients keep a way in: no step from none to nothing but TLS', () => {
  const facts = (transports: string[], topology = 'quorum-cluster') => ({
    topology,
    brokers: ['broker-1'],
    settled: {},
    transports,
  });
  expect(refusedChange(facts(['plain']), facts(['tls']))?.parts.allowed).toContain('keep');
  expect(refusedChange(facts(['plain']), facts(['tls', 'plain']))).toBeUndefined();
  expect(refusedChange(facts(['tls', 'plain']), facts(['tls']))).toBeUndefined();
  expect(refusedChange(facts(['tls']), facts(['plain']))).toBeDefined();
  expect(refusedChange(facts(['plain']), facts(['tls', 'plain'], 'warren'))?.message).toContain(
    'in one step',
  );
});
