/**
 * Makes X.509 authorities and certificates. Keys live in memory only: they come and go as PEM texts,
 * which the caller keeps as secrets.
 */
import 'reflect-metadata';
import { createPrivateKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { chainOf } from './inspect.ts';
import { millisecondsPerDay } from './life.ts';

/** Who signs: its certificate first, then the certificates of who signed that one; all PEM. */
export interface Issuer {
  readonly certificate: string;
  /** PEM: PKCS#8, PKCS#1 or SEC 1, not encrypted. */
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Names that it is valid for. */
  readonly names: readonly string[];
  /** IP addresses that it is valid for. */
  readonly addresses: readonly string[];
  readonly validDays: number;
}

/** Clocks of hosts and clients may be behind ours. */
const backdatedMs = 5 * 60_000;
/** P-256 handshakes cost a broker a fraction of RSA ones, and every TLS library has it. */
const newKey = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const validity = (validDays: number, now: Date): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(now.getTime() - backdatedMs),
  notAfter: new Date(now.getTime() + validDays * millisecondsPerDay),
});

/** A serial number as CAs make them: random, positive, at most 20 octets. */
const serialNumber = (): string => `4${randomBytes(16).toString('hex').slice(1)}`;

const generateKeys = async (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(newKey, true, ['sign', 'verify']);

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return withNewline(x509.PemConverter.encode(der, 'PRIVATE KEY'));
}

const withNewline = (pem: string): string => `${pem.trim()}\n`;

/** A self-signed authority that signs certificates of hosts and nothing else. */
export async function createAuthority(
  commonName: string,
  validDays: number,
  now = new Date(),
): Promise<Issuer> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: newKey,
    serialNumber: serialNumber(),
    ...validity(validDays, now),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: withNewline(certificate.toString('pem')),
    key: await privatePem(keys.privateKey),
  };
}

/**
 * A certificate with a key of its own, for servers and clients, that ends with its issuer at the
 * latest. @returns PEM; `certificate` goes on with the issuers that a peer may lack.
 */
export async function issueCertificate(
  issuer: Issuer,
  request: CertificateRequest,
  now = new Date(),
): Promise<Issuer> {
  const [signer] = chainOf(issuer.certificate);
  if (signer === undefined) throw new Error('the issuer has no certificate');
  const keys = await generateKeys();
  const { notBefore, notAfter } = validity(request.validDays, now);
  const { key, algorithm } = await signingKey(createPrivateKey(issuer.key));
  const issuerCertificate = new x509.X509Certificate(signer.raw);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [request.commonName] }],
    // The very bytes: a name that is encoded otherwise is another name to some verifiers.
    issuer: issuerCertificate.subjectName,
    publicKey: keys.publicKey,
    signingKey: key,
    signingAlgorithm: algorithm,
    serialNumber: serialNumber(),
    notBefore,
    notAfter: new Date(Math.min(notAfter.getTime(), signer.validToDate.getTime())),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension([
        ...request.names.map((value) => ({ type: 'dns' as const, value })),
        ...request.addresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuerCertificate.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const intermediates = chainOf(issuer.certificate).filter((each) => !each.checkIssued(each));
  const chain = [certificate.toString('pem'), ...intermediates.map(String)];
  return { certificate: chain.map(withNewline).join(''), key: await privatePem(keys.privateKey) };
}

/** Curves of NIST by OpenSSL's name, with the digest that fits. */
const curves: Readonly<Record<string, { namedCurve: string; hash: string }>> = {
  prime256v1: { namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { namedCurve: 'P-521', hash: 'SHA-512' },
};

function algorithmOf(
  key: KeyObject,
): { name: string; namedCurve?: string; hash?: string } | undefined {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (key.asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  const curve = curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
  return curve === undefined ? undefined : { name: 'ECDSA', ...curve };
}

async function signingKey(
  key: KeyObject,
): Promise<{ key: webcrypto.CryptoKey; algorithm: { name: string; hash?: string } }> {
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw new Error('the issuer has a key of an unknown kind');
  const der = key.export({ format: 'der', type: 'pkcs8' });
  return {
    key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']),
    algorithm,
  };
}
