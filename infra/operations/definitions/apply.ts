import { differing, type Items, placeOf } from '../../definitions/items.ts';
import { waitFor } from '../../wait.ts';
import type { Channel } from '../channel.ts';
import { brokerApi } from '../rabbitmq-api.ts';
import type { BrokerSet } from '../service/readiness.ts';
import { type Answer, askBrokers } from './brokers.ts';
import { type Changes, describeDrift, nothing, planChanges } from './changes.ts';
import { documentsOf, itemsIn, type Passwords, withPasswords } from './exported.ts';
import { holdComparison } from './hold.ts';
import { queuesInUse } from './queues.ts';
import { queuesInQuestion, type Refusal, refusalError, refusalsOf } from './refusals.ts';
import { removeItems } from './removal.ts';

/** What the config wants a set of brokers to hold. */
export interface Wish {
  readonly items: Items;
  readonly passwords: Passwords;
  /** Paths that the kit once made and that left the config. */
  readonly leaving: readonly string[];
  /** Whether what cannot be changed in place may be replaced where nothing is lost by it. */
  readonly replace: boolean;
  /** Whether messages may be lost to policies. */
  readonly discard: boolean;
}

interface Plan {
  readonly host: string;
  readonly live: Items;
  readonly changes: Changes;
}

/** A cluster with many queues takes its time to agree on all of them. */
const importMs = 300_000;
/** What was accepted shows in the next export, or a moment later on another broker. */
const settleMs = 20_000;

/**
 * Makes brokers hold what is wanted, by changing what differs and nothing else. All is looked at
 * before the first change. Can be repeated.
 * @returns what they hold now of what is wanted
 * @throws UserError with every refusal when something would be lost, before the first change
 */
export async function applyDefinitions(
  channel: Channel,
  set: BrokerSet,
  wish: Wish,
): Promise<Items> {
  const wanted = withPasswords(wish.items, wish.passwords);
  const plans = (await askBrokers(channel, set)).map(({ host, document }): Plan => {
    const live = itemsIn(document, wish.passwords);
    return { host, live, changes: planChanges({ wanted, live, leaving: wish.leaving }) };
  });
  const refusals = await inspectPlans(channel, plans, { ...wish, items: wanted });
  if (refusals.length > 0) throw refusalError(refusals);
  for (const plan of plans.filter(({ changes }) => !nothing(changes))) {
    const release = set.clustered ? undefined : await holdComparison(channel, set.brokers);
    try {
      await changeBroker(channel, plan, wish);
    } finally {
      await release?.();
    }
  }
  await settled(channel, set, wanted, wish.passwords);
  return wanted;
}

/** Refusals of all brokers, each once: those of a warren mostly hold the same. */
async function inspectPlans(
  channel: Channel,
  plans: readonly Plan[],
  wish: Wish,
): Promise<Refusal[]> {
  const found = await Promise.all(
    plans.map(async ({ host, live, changes }) =>
      refusalsOf({
        situation: { wanted: wish.items, live, leaving: wish.leaving },
        changes,
        uses: await queuesInUse(channel, host, queuesInQuestion(changes, wish)),
        replace: wish.replace,
        discard: wish.discard,
      }),
    ),
  );
  const byText = new Map(found.flat().map((refusal) => [JSON.stringify(refusal), refusal]));
  return [...byText.values()];
}

/**
 * What is new is there before what it takes the place of goes, so that a message always finds its
 * way; only what is replaced has to go first.
 */
async function changeBroker(channel: Channel, { host, changes }: Plan, wish: Wish): Promise<void> {
  const api = brokerApi(channel, host);
  await removeItems(channel, api, changes.replaced);
  const items = Object.fromEntries(changes.put.map((path) => [path, wish.items[path] ?? {}]));
  for (const document of documentsOf(items, wish.passwords)) {
    await api.post('/api/definitions', document, { timeoutMs: importMs });
  }
  for (const path of changes.put.filter((one) => placeOf(one).kind === 'vhost-limits')) {
    await api.put(`/api/${path}`, items[path]);
  }
  await removeItems(channel, api, changes.removed);
}

/** @throws with the first difference that stays, on the broker that shows it */
async function settled(
  channel: Channel,
  set: BrokerSet,
  wanted: Items,
  passwords: Passwords,
): Promise<void> {
  await waitFor(
    async () => {
      const drift = driftOf(await askBrokers(channel, set), wanted, passwords);
      return drift.length === 0
        ? { done: true, value: true }
        : { seen: drift.slice(0, 3).join('; ') };
    },
    { subject: 'brokers to hold the definitions', deadlineMs: settleMs, intervalMs: 200 },
  );
}

/** One line for each wanted item that one of the brokers holds otherwise or lacks. */
export const driftOf = (
  answers: readonly Answer[],
  wanted: Items,
  passwords: Passwords,
): string[] =>
  answers.flatMap(({ host, document }) =>
    describeDrift(wanted, itemsIn(document, passwords)).map((line) => `on ${host} ${line}`),
  );

/**
 * What brokers hold of what is wanted. Where brokers that stand alone differ, the one that differs
 * from what is wanted counts.
 */
export function heldOf(answers: readonly Answer[], wanted: Items, passwords: Passwords): Items {
  const views = answers.map(({ document }) => itemsIn(document, passwords));
  return Object.fromEntries(
    Object.keys(wanted).flatMap((path) => {
      const odd = views.find((live) => differing({ [path]: wanted[path] ?? {} }, live).length > 0);
      const item = (odd ?? views[0])?.[path];
      return item === undefined ? [] : [[path, item]];
    }),
  );
}
