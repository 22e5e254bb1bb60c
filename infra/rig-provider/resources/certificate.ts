import { z } from 'zod';
import { chainOf, isDue } from '../../tls/inspect.ts';
import { issueCertificate } from '../../tls/x509.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { isOlder, moment } from './moment.ts';

const certificateInputs = z.object({
  commonName: z.string().min(1).max(64),
  names: z.array(z.string().min(1)),
  addresses: z.array(z.ipv4()),
  validDays: z.int().min(1),
  /** Who signs: see `rig:tls:Authority`. */
  signer: z.object({ certificate: z.string(), key: z.string() }),
  /** A certificate from before this moment is replaced by a new one, with a new key. */
  since: moment.optional(),
});
export type CertificateInputs = z.infer<typeof certificateInputs>;

export interface CertificateState extends Omit<CertificateInputs, 'signer'> {
  /** PEM: the certificate, who signed it as far as a peer may lack that, and the key. */
  readonly value: string;
  /** The certificate alone. */
  readonly certificate: string;
  /** Of whoever signed it. */
  readonly signedBy: string;
  /** When it was made; other certificates have other moments. */
  readonly version: string;
}

const fingerprint = (pem: string): string => chainOf(pem)[0]?.fingerprint256 ?? '';

async function issue(inputs: CertificateInputs): Promise<CertificateState> {
  const { signer, ...request } = inputs;
  const { certificate, key } = await issueCertificate(signer, request);
  return {
    ...request,
    value: `${certificate}${key}`,
    certificate,
    signedBy: fingerprint(signer.certificate),
    version: new Date().toISOString(),
  };
}

/** What makes a new certificate necessary. One that is about to expire is renewed by any update. */
function reasons(state: CertificateState, inputs: CertificateInputs): string[] {
  const [own] = chainOf(state.certificate);
  const [signer] = chainOf(inputs.signer.certificate);
  // One that ends with its signer would not last longer if it were made anew.
  const lasts = own === undefined || signer === undefined || own.validToDate < signer.validToDate;
  return [
    ...changedKeys(state, inputs, ['commonName', 'names', 'addresses', 'validDays']),
    ...(state.signedBy === fingerprint(inputs.signer.certificate) ? [] : ['signer']),
    ...(isOlder(state.version, inputs.since) ? ['since'] : []),
    ...(own === undefined || (lasts && isDue(own)) ? ['certificate'] : []),
  ];
}

/** A certificate with its key, for a host or for what several hosts serve together. */
export const certificate: ResourceHandler<CertificateInputs, CertificateState> = {
  inputs: certificateInputs,
  secrets: ['value'],
  diff: (_id, state, inputs) => ({ updates: reasons(state, inputs), replaces: [] }),
  create: async (inputs, name) => ({ id: name, state: await issue(inputs) }),
  read: (_id, state) => Promise.resolve(state),
  update: (_id, _state, inputs) => issue(inputs),
  delete: () => Promise.resolve(),
};
