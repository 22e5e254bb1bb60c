import * as pulumi from '../pulumi.ts';
import type { Rotation } from '../config/rotation.ts';
import type { CertificatePlan, SecretPlan } from '../plan/model.ts';
import { Authority, Certificate, Password } from './secret-resources.ts';

/** A secret as hosts get it. */
export interface LiveSecret {
  /** Content of the file; a Pulumi secret, except for certificates that are to be trusted. */
  readonly value: pulumi.Output<string>;
  /** Says nothing about the value but that another one has another version. */
  readonly version: pulumi.Output<string>;
}

/** A user's own authority: PEM texts. */
export interface OwnAuthority {
  readonly certificate: string;
  readonly key: pulumi.Input<string>;
}

/** What is asked of secrets beside the plan: it never holds a value. */
export interface SecretSources {
  readonly rotation: Rotation;
  readonly ownAuthority: OwnAuthority | undefined;
  /** Value of a key of the stack's config, which holds it as a secret. */
  given(key: string): pulumi.Output<string>;
}

export interface Secrets {
  readonly byName: Readonly<Record<string, LiveSecret>>;
  /** What everything else is to wait for: one that cannot be used stops it all. */
  readonly authorities: readonly Authority[];
}

export interface SecretOptions extends pulumi.CustomResourceOptions {
  /** Name of a secret's resource; the secret's own unless stated. */
  readonly nameOf?: (secret: string) => string;
}

/** Creates the plan's secrets. */
export function createSecrets(
  plans: readonly SecretPlan[],
  sources: SecretSources,
  { nameOf = (secret) => secret, ...opts }: SecretOptions,
): Secrets {
  const authorities = new Map<string, Authority>();
  const secrets: Record<string, LiveSecret> = {};
  for (const plan of plans) {
    if (plan.kind === 'authority') {
      const authority = createAuthority(nameOf(plan.name), plan, sources, opts);
      authorities.set(plan.name, authority);
      secrets[plan.name] = { value: authority.trusted, version: authority.trusted };
    }
  }
  for (const plan of plans) {
    if (plan.kind === 'authority') continue;
    if (plan.given !== undefined) {
      const value = sources.given(plan.given);
      secrets[plan.name] = { value, version: value.apply(() => '') };
      continue;
    }
    const made =
      plan.kind === 'certificate'
        ? createCertificate(
            nameOf(plan.name),
            plan,
            authorities.get(plan.signer),
            sources.rotation,
            opts,
          )
        : new Password(
            nameOf(plan.name),
            { kind: plan.kind, since: sinceOf(plan, sources.rotation) },
            opts,
          );
    // Made before versions were kept: the empty one.
    const version = made.version.apply((moment: string | undefined) => moment ?? '');
    secrets[plan.name] = { value: made.value, version };
  }
  return { byName: secrets, authorities: [...authorities.values()] };
}

/** Moment from before which a value is to be replaced, if any. */
export const sinceOf = (
  { kind, lasting }: Extract<SecretPlan, { kind: 'erlang-cookie' | 'password' }>,
  { cookie, credentials }: Rotation,
): string | undefined => {
  if (lasting === true) return undefined;
  return kind === 'erlang-cookie' ? cookie : credentials;
};

function createAuthority(
  name: string,
  { commonName, validDays }: Extract<SecretPlan, { kind: 'authority' }>,
  { rotation, ownAuthority }: SecretSources,
  opts: pulumi.CustomResourceOptions,
): Authority {
  return new Authority(
    name,
    {
      commonName,
      validDays,
      own: ownAuthority === undefined ? undefined : pulumi.secret(ownAuthority),
      introduceSince: rotation.introduceAuthority,
      promoteSince: rotation.promoteAuthority,
      forgetSince: rotation.forgetAuthority,
    },
    opts,
  );
}

function createCertificate(
  name: string,
  { signer, commonName, names, addresses, validDays }: CertificatePlan,
  authority: Authority | undefined,
  rotation: Rotation,
  opts: pulumi.CustomResourceOptions,
): Certificate {
  if (authority === undefined) {
    throw new Error(`${name} is signed by ${signer}, which the plan does not have`);
  }
  const { certificates: since } = rotation;
  return new Certificate(
    name,
    { commonName, names, addresses, validDays, signer: authority.signer, since },
    opts,
  );
}

/** Values by name, of secrets by name. */
export const valuesOf = (
  secrets: Readonly<Record<string, LiveSecret>>,
): Readonly<Record<string, pulumi.Output<string>>> =>
  Object.fromEntries(Object.entries(secrets).map(([name, { value }]) => [name, value]));
