import type { AuthorityStatus, CertificateStatus } from '../../infra/operations/status/model.ts';
import type { RotationKind } from './rotation.ts';

export interface RotationSummary {
  readonly stack: string;
  readonly rotated: RotationKind;
  readonly caFile?: string;
  readonly certificates: readonly CertificateStatus[];
  readonly authorities: readonly AuthorityStatus[];
}

/** What a person needs to know after a rotation. */
export function rotationText(summary: RotationSummary): string {
  const title = signsAtOnce(summary) ? titleAtOnce : titles[summary.rotated];
  return [`${summary.stack}: ${title}`, ...meaning(summary), ''].join('\n');
}

/** A new authority beside which nobody is trusted: the one before had expired. */
const signsAtOnce = ({ rotated, authorities }: RotationSummary): boolean =>
  rotated === 'ca' && authorities.length === 1;
const titleAtOnce = 'a new authority signs in place of the one that had expired';

const titles: Readonly<Record<RotationKind, string>> = {
  certificates: 'every host shows a new certificate',
  ca: 'a new authority is trusted beside the present one, and signs nothing yet',
  'forget-ca': 'the former authority is trusted no longer',
  credentials: 'the passwords are new',
  cookie: 'the Erlang cookie is new',
};

function meaning(summary: RotationSummary): string[] {
  const { stack, rotated, caFile, certificates } = summary;
  const first = certificates.map(({ expires }) => expires.slice(0, 10)).sort()[0];
  const until = first === undefined ? [] : [`  They end on ${first}, the first of them.`];
  switch (rotated) {
    case 'certificates':
      return ['  Connections went on; new ones see them.', ...until];
    case 'ca':
      if (signsAtOnce(summary)) {
        return [`  Clients connect again once they have ${caFile ?? 'its certificate'}.`, ...until];
      }
      return [
        `  Give clients ${caFile ?? 'what is to be trusted'}, which holds both. Then:`,
        `  npm run rotate -- --stack ${stack} --certificates`,
        `  npm run rotate -- --stack ${stack} --certificates --forget-ca`,
      ];
    case 'forget-ca':
      return [`  Clients need ${caFile ?? 'the present authority'}.`];
    case 'credentials':
      return [
        '  Connections went on. A client that connects with a former password is refused (ACCESS_REFUSED,',
        '  403) until it has the new one:',
        `  npm run --silent pulumi -- --stack ${stack} stack output amqpUri --show-secrets`,
      ];
    case 'cookie':
      return ['  Connections went on; brokers let each other in by the new one.'];
  }
}
