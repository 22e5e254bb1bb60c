import { chainOf, nameOn } from '../../tls/inspect.ts';
import { lifeOf, renewalDueOf } from '../../tls/life.ts';
import type { HostAnswers } from './answers.ts';
import type { AuthorityStatus, CertificateStatus, EnvironmentStatus } from './model.ts';

/** What hosts show, one entry for each certificate of a host. Pure. */
export function certificatesOf(answered: readonly HostAnswers[]): CertificateStatus[] {
  return answered.flatMap(({ name, certificates }) => {
    const bySerial = Map.groupBy(certificates?.served ?? [], ({ serial }) => serial);
    return [...bySerial].flatMap(([serial, shown]) => {
      const [first] = shown;
      if (first === undefined) return [];
      return [
        {
          host: name,
          listeners: shown.map(({ listener }) => listener),
          serial,
          subject: plainName(first.subject),
          issuer: plainName(first.issuer),
          from: new Date(first.notbefore).toISOString(),
          expires: new Date(first.notafter).toISOString(),
        },
      ];
    });
  });
}

/** OpenSSL writes `CN = x` and HAProxy `/CN=x`. */
const plainName = (name: string): string => name.replace(/^\//, '').replaceAll(' = ', '=');

/** Everybody that any host trusts. Pure. */
export function authoritiesOf(answered: readonly HostAnswers[]): AuthorityStatus[] {
  const all = answered.flatMap(({ certificates }) => chainOf(certificates?.trusted ?? ''));
  const each = new Map(all.map((certificate) => [certificate.fingerprint256, certificate]));
  return [...each.values()].map((certificate) => ({
    subject: nameOn(certificate.subject),
    from: certificate.validFromDate.toISOString(),
    expires: certificate.validToDate.toISOString(),
  }));
}

/** What has expired, or is about to, one clause each. Pure. */
export function expiring(
  { certificates, authorities }: Pick<EnvironmentStatus, 'certificates' | 'authorities'>,
  now = new Date(),
): { readonly expired: string[]; readonly near: string[] } {
  const named = [
    ...certificates.map((each) => ({ ...each, what: `${each.host}: certificate ${each.subject}` })),
    ...authorities.map((each) => ({ ...each, what: `authority ${each.subject}` })),
  ];
  const due = named.filter((each) => renewalDueOf(lifeOf(each)) <= now);
  const isOver = ({ expires }: AuthorityStatus): boolean => new Date(expires) <= now;
  const on = ({ expires }: AuthorityStatus): string => expires.slice(0, 10);
  return {
    expired: due.filter(isOver).map((each) => `${each.what} has expired on ${on(each)}`),
    near: due.filter((each) => !isOver(each)).map((each) => `${each.what} expires on ${on(each)}`),
  };
}
