import { UserError } from '../../infra/errors.ts';
import { expiring } from '../../infra/operations/status/certificates.ts';
import { troubles } from '../../infra/operations/status/health.ts';
import type { StatusReport } from '../../infra/operations/status/model.ts';
import type { RotationKind } from './rotation.ts';

/** What the end of certificates means until new ones are in place. */
export const outageText =
  'clients have been refused since then, and balancers have cut those that were connected; the rotation ends it';

export const faultsOf = ({ status, warnings }: StatusReport): string[] => [
  ...troubles(status),
  ...warnings,
];

/** Whether it replaces what has expired. Pure. */
export const endsOutage = (
  kind: RotationKind,
  { status }: StatusReport,
  now = new Date(),
): boolean =>
  (kind === 'certificates' || kind === 'ca') && expiring(status, now).expired.length > 0;

/**
 * Why a rotation would do harm, if so. Pure.
 * @param stopped brokers that do not run by what their hosts say
 */
export function refusedRotation(
  kind: RotationKind,
  report: StatusReport,
  stopped: readonly string[],
  now = new Date(),
): UserError | undefined {
  const { status } = report;
  const { expired } = expiring(status, now);
  const isOver = ({ expires }: { readonly expires: string }): boolean => new Date(expires) <= now;
  const authoritiesOver = status.authorities.length > 0 && status.authorities.every(isOver);
  if (kind === 'certificates' && authoritiesOver) {
    return new UserError({
      what: 'no authority is left that could sign: certificates of one that has expired are refused',
      value: expired.join('; '),
      fix: 'npm run rotate -- --certificates --ca makes a new one that signs at once',
    });
  }
  const faults = endsOutage(kind, report, now)
    ? faultsBesideExpiry(report, stopped)
    : faultsOf(report).filter((fault) => kind !== 'forget-ca' || !expired.includes(fault));
  if (faults.length === 0) return undefined;
  return new UserError({
    what: `${status.stack} is not whole, and stays as it is`,
    value: faults.join('; '),
    fix: authoritiesOver
      ? 'npm run up heals what died, npm run rotate -- --certificates --ca what has expired'
      : 'npm run up heals what died; then rotate',
  });
}

/** Servers that seem down, brokers that give no answer: all follows from certificates that have ended. */
const faultsBesideExpiry = ({ status }: StatusReport, stopped: readonly string[]): string[] => [
  ...status.hosts
    .filter(({ state }) => state !== 'running')
    .map(({ name, state }) => `host ${name} is ${state}`),
  ...stopped.map((name) => `broker ${name} is not running`),
];
