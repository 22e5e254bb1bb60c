import type { Problem } from '../problems.ts';
import type { Rule } from './rule.ts';

const needsTls = (path: string, value: string): Problem => ({
  path,
  what: 'has no effect without TLS',
  value,
  allowed: 'nothing while tls.enabled is false',
  fix: 'set tls.enabled: true, or remove the line',
  related: ['tls.enabled'],
});

const nothingWithoutTls: Rule = ({ tls }) => {
  if (tls.enabled) return [];
  const { certificateFile } = tls.authority;
  return [
    ...(tls.betweenNodes ? [needsTls('tls.betweenNodes', 'true')] : []),
    ...(tls.names.length > 0 ? [needsTls('tls.names', tls.names.join(', '))] : []),
    ...(tls.plainListeners === 'keep' ? [needsTls('tls.plainListeners', 'keep')] : []),
    ...(certificateFile === undefined
      ? []
      : [needsTls('tls.authority.certificateFile', certificateFile)]),
  ];
};

const keyNeedsCertificate: Rule = ({ tls: { authority } }) =>
  authority.keyFile === undefined || authority.certificateFile !== undefined
    ? []
    : [
        {
          path: 'tls.authority.certificateFile',
          what: 'is missing: a key alone is no authority',
          allowed: 'path of a PEM file with the certificate that belongs to the key',
          fix: 'set it, or remove tls.authority.keyFile for an authority that the kit makes',
          related: ['tls.authority.keyFile'],
        },
      ];

const authorityOutlives: Rule = ({ tls: { validity } }) =>
  validity.certificates < validity.authority
    ? []
    : [
        {
          path: 'tls.validity.certificates',
          what: 'is no shorter than the life of the authority that signs',
          value: `${validity.certificates}d`,
          allowed: `less than tls.validity.authority: ${validity.authority}d`,
          fix: 'shorten it, or lengthen tls.validity.authority',
          related: ['tls.validity.authority'],
        },
      ];

export const tlsRules: readonly Rule[] = [
  nothingWithoutTls,
  keyNeedsCertificate,
  authorityOutlives,
];
