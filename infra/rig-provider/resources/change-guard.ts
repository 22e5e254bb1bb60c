import { z } from 'zod';
import { channelDescription, hasWay } from '../../channels/description.ts';
import { channelOf, channelTo, describedBy, placeOf } from '../../channels/open.ts';
import { UserError } from '../../errors.ts';
import { claimDefinitions, inspectDefinitions } from '../../operations/definitions/guard.ts';
import { inspectChange } from '../../operations/service/change.ts';
import { messagePolicy } from '../../operations/service/retire.ts';
import { brokerHosts } from '../../operations/service/survey.ts';
import { inspectSwap } from '../../operations/service/swap.ts';
import { differingParts } from '../../operations/turn/index.ts';
import { changedKeys, explain, type ResourceHandler } from '../handler.ts';
import { say } from '../say.ts';
import { claimStack } from '../stacks/registry.ts';
import { itemsSchema } from './definitions.ts';

const inputs = z.strictObject({
  stack: z.string(),
  channel: channelDescription.optional(),
  /** The way without a key of its own: known before anything is made. None of a rig, see its registry. */
  lookup: channelDescription.optional(),
  topology: z.string(),
  brokers: z.array(z.string()),
  settled: z.record(z.string(), z.string()),
  /** How clients reach brokers; unknown of an environment from before it was kept. */
  transports: z.array(z.string()).optional(),
  /** Zone and address, by host; unknown as above. */
  places: z.record(z.string(), z.string()).optional(),
  definitions: z.strictObject({ items: itemsSchema, replace: z.enum(['never', 'when-empty']) }),
  /** By host, where nobody has a way onto hosts: what would have it replaced. */
  madeOf: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});

type GuardInputs = z.infer<typeof inputs>;

interface GuardState extends GuardInputs {
  /** Definitions that the kit made, by path: only these are ever its own to take away. */
  readonly made: readonly string[];
}

const standingOf = ({ definitions, made }: Partial<GuardState>) => ({
  items: definitions?.items ?? {},
  made: made ?? [],
});

async function claim(before: Partial<GuardState>, next: GuardInputs): Promise<GuardState> {
  const { definitions } = next;
  const made = await claimDefinitions(channelTo(next), standingOf(before), definitions.items);
  return { ...next, made };
}

/**
 * Hosts of a former target would go before anybody had asked what they hold.
 * @throws UserError when there are any
 */
async function refuseMove(before: GuardInputs, next: GuardInputs): Promise<void> {
  const [from, to] = [describedBy(before), describedBy(next)];
  if (placeOf(from) === placeOf(to)) return;
  if ((await brokerHosts(channelOf(from))).length === 0) return;
  throw new UserError({
    what: 'an environment whose brokers exist cannot move to another target or region',
    value: placeOf(to),
    allowed: placeOf(from),
    fix: 'set it back; or make a second stack with it; or take this one down first',
  });
}

/** What nobody may change before a look at live brokers. */
const looked = ['topology', 'brokers', 'settled', 'transports', 'definitions'] as const;

/**
 * Where there is no way onto hosts nobody can tell what a change would cost.
 * @throws UserError when brokers exist that it is about
 */
async function refuseUnseen(before: GuardInputs, next: GuardInputs): Promise<void> {
  const hosts = await channelTo(next).hosts();
  if (hosts.length === 0) return;
  const replaced = Object.entries(next.madeOf ?? {}).flatMap(([host, madeOf]) => {
    const parts = differingParts(hosts, { host, madeOf }) ?? [];
    return parts.length === 0 ? [] : [`${host} would be replaced (${parts.join(', ')})`];
  });
  const changes = [...changedKeys(before, next, looked), ...replaced];
  if (changes.length === 0) return;
  throw new UserError({
    what: 'live brokers would have to be looked at before this change, and nobody has a way onto their hosts',
    value: changes.join('; '),
    allowed: 'with aws.access.method: none only what touches no host',
    fix: `set it back; or ${elsewhere}`,
  });
}

/** A way is a key and a door that hosts are made with. */
const elsewhere =
  'make a second stack with a way (instance-connect or session-manager) and move clients there';

/** @throws UserError when a way is asked for onto hosts that were made without one */
async function refuseLateWay(before: GuardInputs, next: GuardInputs): Promise<void> {
  const way = describedBy(next);
  if (hasWay(describedBy(before)) || way.kind !== 'aws' || way.method === 'none') return;
  if ((await channelTo(before).hosts()).length === 0) return;
  throw new UserError({
    what: 'hosts that exist let nobody in: they were made without a way onto them',
    value: `aws.access.method: ${way.method}`,
    allowed: 'none',
    fix: `set it back; or ${elsewhere}; or take this one down first`,
  });
}

/**
 * Hosts that carry the name of a stack whose state knows of none: a second environment of that name
 * would be taken for the first by all that finds hosts by their tag.
 */
async function strangers({ stack, lookup }: Partial<GuardInputs>): Promise<UserError | undefined> {
  if (stack === undefined || lookup === undefined) return undefined;
  const hosts = await channelOf(lookup).hosts();
  if (hosts.length === 0) return undefined;
  return new UserError({
    what: `${placeOf(lookup)} has hosts of an environment ${stack} already, and this state has not made them; nothing was changed`,
    value: hosts.map(({ name, address }) => `${name} (${address})`).join(', '),
    allowed: 'a name that no other environment of this account and region has',
    fix: 'take another name for the stack, or `stack` in the args of RabbitmqEnvironment; if they are yours, go back to the state that made them',
  });
}

/**
 * `rig:rabbitmq:ChangeGuard`: knows what the stack's brokers were made with, and refuses, already in
 * the preview, a change by which live ones would lose messages or their data.
 */
export const changeGuard: ResourceHandler<GuardInputs, GuardState> = {
  inputs,
  secrets: ['channel'],
  admitFirst: async (next) => {
    // Where nobody can be asked yet, the preview goes on; nothing is made before it was asked.
    const refusal = await strangers(next).catch(() => undefined);
    return refusal === undefined ? [] : [{ property: 'stack', reason: explain(refusal.parts) }];
  },
  admit: async (before, next) => {
    const channel = channelTo(next);
    try {
      await refuseMove(before, next);
      await refuseLateWay(before, next);
      if (!hasWay(describedBy(next))) {
        await refuseUnseen(before, next);
        return [];
      }
      // On the rig hosts hang on a zone's bridge; a subnet without hosts is nobody's.
      await inspectChange(channel, before, next, describedBy(next).kind === 'aws');
      const policy = messagePolicy(process.env);
      const place = { topology: next.topology, brokers: next.brokers.length };
      const swap = await inspectSwap(channel, place, policy);
      for (const line of swap?.leftBehind ?? []) say(`left behind: ${line}`);
      return [];
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return [{ property: 'topology', reason: explain(error.parts) }];
    }
  },
  diff: async (_id, state, next) => {
    // A state that was moved to another backend says so with its next update.
    if (describedBy(next).kind === 'rig') claimStack(next.stack);
    const updates = changedKeys(state, next, ['channel', 'lookup', 'places', ...looked]);
    if (updates.includes('definitions') && hasWay(describedBy(next))) {
      const { items, replace } = next.definitions;
      const refusal = await inspectDefinitions(channelTo(next), standingOf(state), {
        items,
        replace: replace === 'when-empty',
        discard: messagePolicy(process.env) === 'discard',
        swap: state.topology !== next.topology,
      });
      if (refusal !== undefined) throw refusal;
    }
    return { updates, replaces: changedKeys(state, next, ['stack']) };
  },
  create: async (args) => {
    const refusal = await strangers(args);
    if (refusal !== undefined) throw refusal;
    return { id: args.stack, state: await claim({}, args) };
  },
  read: (_id, state) => Promise.resolve(state),
  update: (_id, state, next) => claim(state, next),
  delete: () => Promise.resolve(),
};
