import { z } from 'zod';
import { channelDescription } from '../../channels/description.ts';
import { channelTo } from '../../channels/open.ts';
import { differing, type Items } from '../../definitions/items.ts';
import { messageOf } from '../../errors.ts';
import { applyDefinitions, driftOf, heldOf } from '../../operations/definitions/apply.ts';
import { askBrokers } from '../../operations/definitions/brokers.ts';
import { broughtPasswords } from '../../operations/definitions/brought-passwords.ts';
import { type Passwords, withPasswords } from '../../operations/definitions/exported.ts';
import { clearFormer } from '../../operations/definitions/former.ts';
import { messagePolicy } from '../../operations/service/retire.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { say } from '../say.ts';
import { stackName } from '../schemas.ts';

export const itemsSchema: z.ZodType<Items> = z.record(z.string(), z.record(z.string(), z.json()));

const inputs = z.strictObject({
  stack: stackName,
  channel: channelDescription.optional(),
  brokers: z.array(z.string()).min(1),
  clustered: z.boolean(),
  items: itemsSchema,
  /** Paths that the kit made, now or before; what clients made is not among them. */
  made: z.array(z.string()),
  passwords: z.record(z.string(), z.string()),
  /** By user, of those whose password is no input: the parameter that holds it. */
  parameters: z.record(z.string(), z.string()).optional(),
  replace: z.enum(['never', 'when-empty']),
});

type DefinitionsInputs = z.infer<typeof inputs>;

interface DefinitionsState extends DefinitionsInputs {
  /** What brokers hold of the items: as wanted, or as a refresh found it. */
  readonly live: Items;
}

/**
 * What left the config and was not taken away yet: what was made and left before is gone, and what
 * has its name now is a client's.
 */
function leaving(before: DefinitionsState | undefined, next: DefinitionsInputs): string[] {
  const gone = before?.made.filter((path) => !(path in before.items)) ?? [];
  return next.made.filter((path) => !(path in next.items) && !gone.includes(path));
}

/** Of all users, for a comparison with what brokers hold. */
async function passwordsOf(next: DefinitionsInputs): Promise<Passwords> {
  const { passwords, parameters = {}, brokers } = next;
  return { ...passwords, ...(await broughtPasswords(channelTo(next), parameters, brokers)) };
}

async function apply(
  before: DefinitionsState | undefined,
  next: DefinitionsInputs,
): Promise<DefinitionsState> {
  const { items } = next;
  const left = leaving(before, next);
  if (Object.keys(items).length === 0 && left.length === 0) return { ...next, live: {} };
  // Brokers that are all new hold nothing of clients yet: what was carried over gives way.
  const fresh = before !== undefined && !next.brokers.some((name) => before.brokers.includes(name));
  const replace = fresh || next.replace === 'when-empty';
  const discard = messagePolicy(process.env) === 'discard';
  const passwords = await passwordsOf(next);
  const wish = { items, passwords, leaving: left, replace, discard };
  const channel = channelTo(next);
  const live = await applyDefinitions(channel, next, wish);
  // Brokers that may be lost with all they hold hand nothing on.
  if (fresh && !discard) await clearFormer(channel, before, left);
  return { ...next, live };
}

/**
 * `rig:rabbitmq:Definitions`: vhosts, users and what else the config defines, on the brokers of a
 * service. Changes only what differs, in place, and takes away only what the kit itself made.
 * Deleting it leaves them: they go with their brokers.
 */
export const definitions: ResourceHandler<DefinitionsInputs, DefinitionsState> = {
  inputs,
  secrets: ['passwords', 'channel'],

  async diff(_id, state, next) {
    const replaces = changedKeys(state, next, ['stack']);
    const keys = [
      'channel',
      'brokers',
      'clustered',
      'items',
      'made',
      'passwords',
      'parameters',
      'replace',
    ] as const;
    const updates = changedKeys(state, next, keys);
    if (updates.length > 0 || Object.keys(next.items).length === 0) return { updates, replaces };
    return { updates: (await drifted(next, state)) ? ['live'] : [], replaces };
  },

  async create(next) {
    return { id: `${next.stack}/definitions`, state: await apply(undefined, next) };
  },

  async read(_id, state) {
    if (Object.keys(state.items).length === 0) return state;
    try {
      const passwords = await passwordsOf(state);
      const wanted = withPasswords(state.items, passwords);
      const answers = await askBrokers(channelTo(state), state);
      return { ...state, live: heldOf(answers, wanted, passwords) };
    } catch {
      // Brokers that do not answer say nothing about what they hold; their hosts show what is wrong.
      return state;
    }
  },

  update: (_id, state, next) => apply(state, next),
  delete: () => Promise.resolve(),
};

/** Whether brokers hold something otherwise than it is wanted; says what. */
async function drifted(next: DefinitionsInputs, { live }: DefinitionsState): Promise<boolean> {
  try {
    const passwords = await passwordsOf(next);
    const wanted = withPasswords(next.items, passwords);
    const drift = driftOf(await askBrokers(channelTo(next), next), wanted, passwords);
    for (const line of drift) say(`changed since the last update: ${line}`);
    // What a refresh saw and somebody put right since is still to be taken off the state.
    return drift.length > 0 || differing(wanted, live).length > 0;
  } catch (error) {
    say(`definitions were not compared: ${messageOf(error)}`);
    return false;
  }
}
