import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { authorityFault, chainOf, isDue } from '../../../infra/tls/inspect.ts';
import { daysUntil } from '../../../infra/tls/life.ts';
import { createAuthority, issueCertificate, type Issuer } from '../../../infra/tls/x509.ts';
import {
  foreignAuthority,
  foreignKeys,
  intermediateAuthority,
} from '../../lib/foreign-authority.ts';

const request = {
  commonName: 'broker-1',
  names: ['broker-1', 'broker-1.test.internal'],
  addresses: ['127.0.0.1'],
  validDays: 397,
};
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);

describe('a certificate', () => {
  it('is signed by its authority and names what it was made for', async () => {
    const authority = await createAuthority('test authority', 3650);
    const { certificate, key } = await issueCertificate(authority, request);
    const [leaf] = chainOf(certificate);
    const [signer] = chainOf(authority.certificate);
    if (leaf === undefined || signer === undefined) throw new Error('no certificate');
    expect(leaf.checkIssued(signer) && leaf.verify(signer.publicKey)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(signer.ca).toBe(true);
    expect(leaf.checkHost('broker-1.test.internal')).toBe('broker-1.test.internal');
    expect(leaf.checkHost('broker-2.test.internal')).toBeUndefined();
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(daysUntil(leaf.validToDate)).toBe(396);
    expect(key).toContain('BEGIN PRIVATE KEY');
  });

  it('has a serial number and a key of its own each time', async () => {
    const authority = await createAuthority('test authority', 3650);
    const made = [
      await issueCertificate(authority, request),
      await issueCertificate(authority, request),
    ];
    const leaves = made.map(({ certificate }) => new X509Certificate(certificate));
    expect(new Set(leaves.map(({ serialNumber }) => serialNumber)).size).toBe(2);
    expect(new Set(made.map(({ key }) => key)).size).toBe(2);
  });

  it('never outlives its authority', async () => {
    const authority = await createAuthority('test authority', 10);
    const { certificate } = await issueCertificate(authority, request);
    const [ends] = chainOf(certificate).map(({ validTo }) => validTo);
    expect(ends).toBe(chainOf(authority.certificate)[0]?.validTo);
  });

  it('is due in the last third of its life, thirty days at most', async () => {
    const at = async (validDays: number, made: number): Promise<boolean> => {
      const authority = await createAuthority('a', 3650, daysAgo(made));
      const { certificate } = await issueCertificate(
        authority,
        { ...request, validDays },
        daysAgo(made),
      );
      return chainOf(certificate).every((each) => isDue(each));
    };
    expect(await at(397, 366)).toBe(false);
    expect(await at(397, 368)).toBe(true);
    expect(await at(9, 5)).toBe(false);
    expect(await at(9, 7)).toBe(true);
  });

  it.each(foreignKeys)('can be signed by an authority with a key of kind %s', async (kind) => {
    const authority = await foreignAuthority(kind);
    expect(authorityFault(authority.certificate, authority.key)).toBeUndefined();
    const { certificate } = await issueCertificate(authority, request);
    const [leaf] = chainOf(certificate);
    const [signer] = chainOf(authority.certificate);
    if (signer === undefined) throw new Error('no certificate');
    expect(leaf?.checkIssued(signer) && leaf.verify(signer.publicKey)).toBe(true);
  });
});

describe('a TLS client', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** The code of the error by which a real client refuses, or how it was satisfied. */
  async function meet(presented: Issuer, ca: string, servername?: string): Promise<string> {
    server = createServer({ cert: presented.certificate, key: presented.key });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve) => {
      const named = servername === undefined ? {} : { servername };
      const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca, ...named }, () => {
        resolve(socket.getProtocol() ?? 'none');
        socket.destroy();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      });
    });
  }

  it('accepts the certificate with its authority, by address and by name', async () => {
    const authority = await createAuthority('a', 30);
    const made = await issueCertificate(authority, request);
    expect(await meet(made, authority.certificate)).toBe('TLSv1.3');
    expect(await meet(made, authority.certificate, 'broker-1')).toBe('TLSv1.3');
  });

  it('refuses another authority of the same name, another host, and what has expired', async () => {
    const [authority, foreign] = [await createAuthority('a', 30), await createAuthority('a', 30)];
    const made = await issueCertificate(authority, request);
    expect(await meet(made, foreign.certificate)).not.toBe('TLSv1.3');
    expect(await meet(made, authority.certificate, 'broker-2')).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
    const old = await createAuthority('a', 3650, daysAgo(400));
    const expired = await issueCertificate(old, { ...request, validDays: 1 }, daysAgo(400));
    expect(await meet(expired, old.certificate)).toBe('CERT_HAS_EXPIRED');
  });
});

describe('an authority that somebody brings along', () => {
  it('is refused with the reason', async () => {
    const authority = await createAuthority('own', 30);
    const other = await createAuthority('other', 30);
    const old = await createAuthority('old', 30, daysAgo(40));
    const leaf = await issueCertificate(authority, request);
    const whatOf = (certificate: string, key: string): string | undefined =>
      authorityFault(certificate, key)?.what;
    expect(whatOf(authority.certificate, authority.key)).toBeUndefined();
    expect(whatOf('', authority.key)).toBe('holds no certificate');
    expect(whatOf(leaf.certificate, leaf.key)).toBe('is not an authority: CN=broker-1');
    expect(whatOf(old.certificate, old.key)).toMatch(/^has expired on \d{4}-\d\d-\d\d: CN=old$/);
    expect(whatOf(authority.certificate, other.key)).toBe('does not belong to the certificate');
    expect(whatOf(authority.certificate, 'nonsense')).toBe('is not a private key');
    expect(whatOf(`${authority.certificate}${other.certificate}`, authority.key)).toBe(
      'is out of order: CN=other did not sign CN=own',
    );
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const encrypted = privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'synthetic',
    });
    expect(whatOf(authority.certificate, encrypted.toString())).toBe('is encrypted');
  });

  it('may be an intermediate one, whose certificate peers are then given', async () => {
    const { root, intermediate } = await intermediateAuthority();
    expect(authorityFault(intermediate.certificate, intermediate.key)?.what).toBe(
      'is not complete: CN=root, which signed CN=intermediate, is missing',
    );
    const whole = { ...intermediate, certificate: intermediate.certificate + root.certificate };
    expect(authorityFault(whole.certificate, whole.key)).toBeUndefined();
    const { certificate } = await issueCertificate(whole, request);
    expect(chainOf(certificate).map(({ subject }) => subject)).toEqual([
      'CN=broker-1',
      'CN=intermediate',
    ]);
  });
});
