import { createHash } from 'node:crypto';
import { stackTag } from '../channels/aws/tags.ts';
import type { AwsPlan } from '../plan/aws.ts';
import type { EnvironmentPlan } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';
import { aws } from './sdk.ts';

/** What every part of the target works with. */
export interface AwsSite {
  readonly plan: EnvironmentPlan;
  readonly aws: AwsPlan;
  readonly parent: pulumi.Resource;
  /** Of every resource of AWS: its parent, and the provider that is set to the environment's region. */
  readonly opts: pulumi.CustomResourceOptions;
}

/**
 * @param parent its provider for aws is used where it has one: then credentials, accounts and roles are
 * whatever that one was told. Else one is made that finds credentials as the AWS CLI does.
 * @param first what nothing of AWS may change before
 */
export function openSite(
  plan: EnvironmentPlan,
  parent: pulumi.Resource,
  first: pulumi.Resource,
): AwsSite {
  if (plan.aws === undefined)
    throw new Error(`the plan of ${plan.stack} is not for the target aws`);
  const { Provider } = aws.provider;
  const own = parent.getProvider(providerType);
  // One that the kit makes waits, and with it all that it is to make; the user's own cannot be told to.
  const opts =
    own === undefined
      ? {
          parent,
          provider: new Provider(
            `${plan.stack}-aws`,
            { region: plan.aws.region },
            { parent, dependsOn: first },
          ),
        }
      : { parent, provider: own, dependsOn: [first] };
  return { plan, aws: plan.aws, parent, opts };
}

const providerType = 'aws:index:Provider';

/** Whether a program may have told its component by which provider to reach AWS. */
export const hasOwnProvider = ({
  provider,
  providers,
  parent,
}: pulumi.ComponentResourceOptions = {}): boolean =>
  provider !== undefined ||
  providers !== undefined ||
  parent?.getProvider(providerType) !== undefined;

/** Options of what outlives the stack, unless that is for trials. A protected parent's children stay protected. */
export const keptOf = ({ aws: { testRig }, opts }: AwsSite): pulumi.CustomResourceOptions => ({
  ...opts,
  ...(testRig ? {} : { protect: true }),
});

/**
 * Options of what ties an instance to something. It goes before its instance does, and of an update that
 * was interrupted then, the engine leaves alone what is gone already only with this option: else it would
 * tie first, and untie a second time, by what is the new instance's by now.
 */
export const attachedOnce = ({ opts }: AwsSite): pulumi.CustomResourceOptions => ({
  ...opts,
  deleteBeforeReplace: true,
});

/** Name of a part of the environment: unlike those of any other environment of the same program. */
export const nameOf = ({ plan }: Pick<AwsSite, 'plan'>, part: string): string =>
  `${plan.stack}-${part}`;

/** What Pulumi appends to a logical name to make the physical one: a dash and seven digits. */
const suffixLength = 8;

/**
 * A name for resources whose physical name has at most `limit` letters, digits and dashes: the stack's
 * part is changed where it must be, and told from others that come to the same by a digest.
 */
export function shortNameOf(
  { plan }: { readonly plan: Pick<EnvironmentPlan, 'stack'> },
  part: string,
  limit: number,
): string {
  // A load balancer's name has no other signs, and AWS keeps this beginning for itself.
  const stack = plan.stack.replaceAll(/[^A-Za-z0-9-]/g, '-').replace(/^internal-/, 'in-');
  const whole = `${stack}-${part}`;
  const room = limit - suffixLength;
  if (whole.length <= room && stack === plan.stack) return whole;
  const digest = createHash('sha256').update(plan.stack).digest('hex').slice(0, 4);
  const start = stack.slice(0, room - part.length - digest.length - 2);
  return `${start}-${digest}-${part}`;
}

/** Tags of a resource: the user's, the kit's, and its name as the console shows it. */
export const tagsOf = (
  { plan, aws: { tags } }: Pick<AwsSite, 'plan' | 'aws'>,
  part: string,
): Record<string, string> => ({
  ...tags,
  Name: `${plan.stack}-${part}`,
  [stackTag]: plan.stack,
});

/** An entry that the plan must have: without it, the plan is at fault. */
export function planned<T>(entries: Readonly<Record<string, T>>, key: string, what: string): T {
  const found = entries[key];
  if (found === undefined) throw new Error(`the plan names no ${what} for ${key}`);
  return found;
}
