import type { Items } from '../../definitions/items.ts';
import type { UserError } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import type { BrokerSet } from '../service/readiness.ts';
import { brokerHosts } from '../service/survey.ts';
import { type Answer, askBrokers } from './brokers.ts';
import { ownAfter, planChanges } from './changes.ts';
import { itemsIn } from './exported.ts';
import { queuesInUse } from './queues.ts';
import { queuesInQuestion, type Refusal, refusalError, refusalsOf } from './refusals.ts';

/** What the config wanted until now, and which of all ever wanted are the kit's own. */
export interface Standing {
  readonly items: Items;
  readonly made: readonly string[];
}

export interface NextDefinitions {
  readonly items: Items;
  readonly replace: boolean;
  readonly discard: boolean;
}

/** What the live brokers hold; undefined when there are none, or none that answers. */
async function liveAnswers(channel: Channel): Promise<readonly Answer[] | undefined> {
  const hosts = await brokerHosts(channel);
  if (hosts.length === 0) return [];
  const clusters = Map.groupBy(hosts, ({ name, labels }) => labels['cluster'] ?? name);
  try {
    const answers = [...clusters.values()].map(async (members) => {
      const set: BrokerSet = { brokers: members.map(({ name }) => name), clustered: true };
      return askBrokers(channel, set);
    });
    return (await Promise.all(answers)).flat();
  } catch {
    // They are down and healed by this very update, whose own look comes before its first change.
    return undefined;
  }
}

/**
 * Why live brokers cannot follow a change of the config's definitions, if so; asked before anything
 * changes. A change of topology makes new brokers: there only what would be lost counts.
 */
export async function inspectDefinitions(
  channel: Channel,
  before: Standing,
  next: NextDefinitions & { readonly swap: boolean },
): Promise<UserError | undefined> {
  const answers = (await liveAnswers(channel)) ?? [];
  const leaving = before.made.filter((path) => !(path in next.items) && path in before.items);
  const refusals = await Promise.all(
    answers.map(async ({ host, document }): Promise<Refusal[]> => {
      const live = itemsIn(document, {});
      const situation = { wanted: next.items, live, leaving };
      const planned = planChanges(situation);
      const changes = next.swap ? { ...planned, replaced: [] } : planned;
      const uses = await queuesInUse(channel, host, queuesInQuestion(changes, next));
      return refusalsOf({ ...next, situation, changes, uses });
    }),
  );
  const byText = new Map(refusals.flat().map((refusal) => [JSON.stringify(refusal), refusal]));
  return byText.size === 0 ? undefined : refusalError([...byText.values()]);
}

/** The kit's own items once this is wanted; see ownAfter. */
export async function claimDefinitions(
  channel: Channel,
  before: Standing,
  wanted: Items,
): Promise<string[]> {
  if (Object.keys(wanted).length === 0 && before.made.length === 0) return [];
  const answers = await liveAnswers(channel);
  const views = (answers ?? []).map(({ document }) => itemsIn(document, {}));
  const live: Items = Object.fromEntries(views.flatMap((view) => Object.entries(view)));
  // Nobody knows what is there: what is not sure to be the kit's own is left alone later.
  return ownAfter(before, wanted, answers === undefined ? { ...wanted, ...before.items } : live);
}
