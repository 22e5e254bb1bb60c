/** Reads certificates; no effects and no library, so that every command can afford it. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { renewalDueOf } from './life.ts';

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, in its order. @throws when one of them is malformed */
export const chainOf = (pem: string): X509Certificate[] =>
  (pem.match(certificateBlock) ?? []).map((block) => new X509Certificate(block));

export const isDue = (certificate: X509Certificate, now = new Date()): boolean =>
  now >= renewalDueOf({ from: certificate.validFromDate, to: certificate.validToDate });

export const isOver = (certificate: X509Certificate, now = new Date()): boolean =>
  certificate.validToDate <= now;

/** Distinguished name on one line: `CN=rig-tls`. */
export const nameOn = (name: string): string => name.split('\n').join(', ');

/** What is wrong with an authority that somebody brings along. */
export interface AuthorityFault {
  readonly part: 'certificate' | 'key';
  /** One clause. */
  readonly what: string;
  readonly allowed: string;
}

/**
 * The first reason why certificates could not be signed with it, or would not be trusted; undefined
 * when it is sound. Neither text is part of the answer.
 */
export function authorityFault(
  certificate: string,
  key: string,
  now = new Date(),
): AuthorityFault | undefined {
  return certificateFault(certificate, now) ?? keyFault(certificate, key);
}

function certificateFault(pem: string, now: Date): AuthorityFault | undefined {
  const fault = (what: string, allowed: string): AuthorityFault => ({
    part: 'certificate',
    what,
    allowed,
  });
  const form = 'PEM: the certificate of the authority, then those of who signed it, if any';
  let chain: X509Certificate[];
  try {
    chain = chainOf(pem);
  } catch {
    return fault('holds a certificate that cannot be read', form);
  }
  for (const [index, each] of chain.entries()) {
    const name = nameOn(each.subject);
    if (!each.ca) return fault(`is not an authority: ${name}`, 'a certificate with CA:TRUE');
    if (each.validToDate < now) {
      return fault(
        `has expired on ${day(each.validToDate)}: ${name}`,
        'an authority that is valid',
      );
    }
    if (each.validFromDate > now) {
      return fault(
        `is not valid before ${day(each.validFromDate)}: ${name}`,
        'an authority that is valid',
      );
    }
    const above = chain[index + 1] ?? each;
    if (each.checkIssued(above) && each.verify(above.publicKey)) continue;
    return fault(
      above === each
        ? `is not complete: ${nameOn(each.issuer)}, which signed ${name}, is missing`
        : `is out of order: ${nameOn(above.subject)} did not sign ${name}`,
      form,
    );
  }
  return chain.length === 0 ? fault('holds no certificate', form) : undefined;
}

function keyFault(certificate: string, pem: string): AuthorityFault | undefined {
  const allowed = 'the private key of the authority: PEM, RSA or EC or Ed25519, not encrypted';
  const fault = (what: string): AuthorityFault => ({ part: 'key', what, allowed });
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return fault(/ENCRYPTED/.test(pem) ? 'is encrypted' : 'is not a private key');
  }
  if (!['rsa', 'ec', 'ed25519'].includes(key.asymmetricKeyType ?? '')) {
    return fault(`is of a kind that cannot sign: ${String(key.asymmetricKeyType)}`);
  }
  return chainOf(certificate)[0]?.checkPrivateKey(key) === true
    ? undefined
    : fault('does not belong to the certificate');
}

export const day = (date: Date): string => date.toISOString().slice(0, 10);
