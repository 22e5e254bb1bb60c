import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Issuer } from '../../infra/tls/x509.ts';

const algorithms = {
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  'p-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  ed25519: { name: 'Ed25519' },
} as const;

export type ForeignKey = keyof typeof algorithms;
export const foreignKeys = Object.keys(algorithms) as ForeignKey[];

/** An authority that the kit did not make, with a key of a kind that a user's own may have. */
export async function foreignAuthority(kind: ForeignKey): Promise<Issuer> {
  return (await makeAuthority(kind, 'foreign')).issuer;
}

/** An authority below another one. */
export async function intermediateAuthority(): Promise<{ root: Issuer; intermediate: Issuer }> {
  const root = await makeAuthority('p-384', 'root');
  const below = await makeAuthority('p-384', 'intermediate', root);
  return { root: root.issuer, intermediate: below.issuer };
}

interface Made {
  readonly issuer: Issuer;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly name: string;
}

async function makeAuthority(kind: ForeignKey, name: string, signer?: Made): Promise<Made> {
  const algorithm = algorithms[kind];
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${signer?.name ?? name}`,
    publicKey: keys.publicKey,
    signingKey: (signer?.keys ?? keys).privateKey,
    signingAlgorithm: algorithm,
    notAfter: new Date(Date.now() + 30 * 86_400_000),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    issuer: {
      certificate: `${certificate.toString('pem')}\n`,
      key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
    },
    keys,
    name,
  };
}
