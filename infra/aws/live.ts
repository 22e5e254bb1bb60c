/** What is done on live hosts: by our own provider, over the way that the plan states. */
import type { ChannelDescription } from '../channels/description.ts';
import { createDefinitions } from '../components/definitions.ts';
import { ChangeGuard, type Definitions, Service, Turn } from '../components/live-resources.ts';
import { guardFacts, serviceFacts } from '../components/live-service.ts';
import type { EnvironmentPlan } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';
import { nameOf } from './site.ts';

type Named = { readonly plan: EnvironmentPlan };

/** @param privateKey of the pair that the kit made; undefined where the operator's ssh has its own */
export function describeWay(
  { stack, aws }: Pick<EnvironmentPlan, 'stack' | 'aws'>,
  privateKey: pulumi.Output<string> | undefined,
): pulumi.Input<ChannelDescription> {
  if (aws === undefined) throw new Error(`the plan of ${stack} is not for the target aws`);
  const way = { kind: 'aws', stack, region: aws.region, method: aws.access.method } as const;
  if (privateKey === undefined) return way;
  return pulumi.secret(privateKey.apply((key) => ({ ...way, privateKey: key })));
}

/** First of all, so that a change that must not happen stops before anything has changed. */
export function createGuard(
  plan: EnvironmentPlan,
  channel: pulumi.Input<ChannelDescription>,
  opts: pulumi.CustomResourceOptions,
): ChangeGuard {
  return new ChangeGuard(nameOf({ plan }, 'changes'), { ...guardFacts(plan), channel }, opts);
}

/** Before a host: whatever of `madeOf` changes has it replaced. */
export const createTurn = (
  { plan }: Named,
  channel: pulumi.Input<ChannelDescription>,
  {
    host,
    madeOf,
  }: {
    readonly host: string;
    readonly madeOf: Readonly<Record<string, pulumi.Input<string>>>;
  },
  opts: pulumi.CustomResourceOptions,
): Turn =>
  new Turn(
    nameOf({ plan }, `${host}-turn`),
    { stack: plan.stack, channel, host, madeOf: pulumi.all(madeOf) },
    opts,
  );

/** The brokers as a service, and what they hold, once their hosts are there. */
export function createService(
  plan: EnvironmentPlan,
  channel: pulumi.Input<ChannelDescription>,
  {
    guard,
    secrets,
  }: {
    readonly guard: ChangeGuard;
    readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  },
  opts: pulumi.CustomResourceOptions,
): Definitions {
  const service = new Service(
    nameOf({ plan }, plan.topology),
    { ...serviceFacts(plan), channel },
    opts,
  );
  const rest = { name: nameOf({ plan }, 'definitions'), guard, channel, dependsOn: service };
  return createDefinitions(plan, secrets, { ...opts, ...rest });
}
