import { UserError } from '../../infra/errors.ts';
import type { EnvironmentPlan, SecretPlan } from '../../infra/plan/model.ts';
import type { RotationKind } from './rotation.ts';

/** A secret in a parameter that its user brings: a rotation has hosts take up what it holds by then. */
export interface BroughtSecret {
  readonly secret: string;
  readonly parameter: string;
}

/** Secrets of a kind that are not the kit's to replace. Pure. */
export function broughtSecrets(
  { secrets, aws }: Pick<EnvironmentPlan, 'secrets' | 'aws'>,
  kind: RotationKind,
): BroughtSecret[] {
  return secrets
    .filter((secret) => isOf(kind, secret))
    .flatMap(({ name: secret }) => {
      const parameter = aws?.parameters[secret];
      return parameter?.brought === true ? [{ secret, parameter: parameter.name }] : [];
    });
}

function isOf(rotated: RotationKind, secret: SecretPlan): boolean {
  switch (rotated) {
    case 'cookie':
      return secret.kind === 'erlang-cookie';
    case 'credentials':
      return secret.kind === 'password' && secret.lasting !== true;
    case 'certificates':
    case 'ca':
    case 'forget-ca':
      return secret.kind === 'certificate' || secret.kind === 'authority';
  }
}

/**
 * What a rotation means for secrets that are the user's own, one line each. Pure.
 * @throws UserError when the kit has no authority to make or to forget
 */
export function broughtNotes(
  plan: Pick<EnvironmentPlan, 'stack' | 'secrets' | 'aws'>,
  kind: RotationKind,
): string[] {
  const brought = broughtSecrets(plan, kind);
  if (brought.length > 0 && (kind === 'ca' || kind === 'forget-ca')) {
    throw new UserError({
      what: `the authority of ${plan.stack} is your own: the kit has none to make or to forget`,
      value: brought.map(({ parameter }) => parameter).join(', '),
      fix: 'put what is to be trusted into its parameter, then npm run rotate -- --certificates has hosts take it up',
    });
  }
  return brought.map(
    ({ secret, parameter }) => `${secret} is yours: hosts take up what ${parameter} holds now`,
  );
}
