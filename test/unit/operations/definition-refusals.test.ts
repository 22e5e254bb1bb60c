import { describe, expect, it } from 'vitest';
import { planChanges, type Situation } from '../../../infra/operations/definitions/changes.ts';
import type { QueueUse } from '../../../infra/operations/definitions/queues.ts';
import {
  queuesInQuestion,
  refusalError,
  refusalsOf,
} from '../../../infra/operations/definitions/refusals.ts';
import {
  exchangeEvents,
  queueNew,
  toNew,
  vhost,
  wanted,
  wantedOf,
  without,
} from './orders-vhost.ts';

describe('refused', () => {
  const inspect = (
    situation: Situation,
    uses: readonly Partial<QueueUse>[] = [],
    replace = false,
  ): string[] => {
    const changes = planChanges(situation);
    const asked = uses.map((use) => ({
      vhost: 'orders',
      name: 'new',
      messages: 0,
      consumers: 0,
      bytes: 0,
      type: 'rabbit_quorum_queue',
      ...use,
    }));
    return refusalsOf({ situation, changes, uses: asked, replace, discard: false }).map(
      ({ path, what }) => `${path} ${what}`,
    );
  };
  const longer = wantedOf({
    queues: { ...vhost.queues, new: { arguments: { 'x-max-length': 20 } } },
  });
  const replacing: Situation = { wanted: longer, live: wanted, leaving: [] };
  const gone = without(wanted, queueNew, toNew);
  const removing: Situation = { wanted: gone, live: wanted, leaving: [queueNew, toNew] };

  it.each<[string, Situation, Partial<QueueUse>[], boolean, string[]]>([
    ['an argument', replacing, [{}], false, ['cannot change in place: x-max-length 10 to 20']],
    ['nothing: an empty queue may be replaced', replacing, [{}], true, []],
    [
      'messages in it',
      replacing,
      [{ messages: 3 }],
      true,
      ['cannot be made anew (x-max-length 10 to 20) while it is in use: 3 messages'],
    ],
    [
      'a consumer on it',
      replacing,
      [{ consumers: 1 }],
      true,
      ['cannot be made anew (x-max-length 10 to 20) while it is in use: 1 consumer'],
    ],
    [
      'messages in one that left',
      removing,
      [{ messages: 1, consumers: 2 }],
      false,
      ['left the config and is still in use: 1 message and 2 consumers'],
    ],
    [
      'one that does not answer',
      removing,
      [{ messages: null }],
      true,
      ['left the config and is still in use: it does not say what it holds'],
    ],
    ['nothing: one that left is empty', removing, [{}], false, []],
  ])('%s', (_, situation, uses, replace, expected) => {
    expect(inspect(situation, uses, replace)).toEqual(
      expected.map((what) => `${queueNew} ${what}`),
    );
  });

  it('a binding of a client that would go along', () => {
    const foreign = 'bindings/orders/e/events/q/of-a-client/';
    const live = { ...wanted, [foreign]: {} };
    const leaving = [exchangeEvents, toNew, 'bindings/orders/e/events/e/audit/'];
    const situation = { wanted: without(wanted, ...leaving), live, leaving };
    expect(inspect(situation)).toEqual([
      `${exchangeEvents} left the config and cannot go without what clients made: binding from events to queue of-a-client in vhost orders`,
    ]);
  });

  it('a vhost with anything of a client in it, temporary queues included', () => {
    const leaving = Object.keys(wanted);
    const live = { ...wanted, 'exchanges/orders/of-a-client': {} };
    const uses = [{}, { name: 'temporary' }, { name: 'old', messages: 4 }];
    expect(inspect({ wanted: {}, live, leaving }, uses)).toEqual([
      'vhosts/orders left the config and holds messages: queue old: 4 messages',
      'vhosts/orders left the config and holds what clients made: exchange of-a-client in vhost orders; queue temporary in vhost orders',
    ]);
    expect(inspect({ wanted: {}, live: wanted, leaving }, [{}])).toEqual([]);
  });

  it('all at once, with what would have to happen', () => {
    const situation = {
      wanted: without(longer, 'queues/orders/old'),
      live: wanted,
      leaving: ['queues/orders/old'],
    };
    const changes = planChanges(situation);
    expect(queuesInQuestion(changes, { discard: false }).queues.map(({ name }) => name)).toEqual([
      'new',
      'old',
    ]);
    const old = { vhost: 'orders', name: 'old', messages: 2, consumers: 0, bytes: 9 };
    const uses = [{ ...old, type: 'rabbit_classic_queue' }];
    const inspection = { situation, changes, uses, replace: false, discard: false };
    expect(refusalError(refusalsOf(inspection)).message).toMatchInlineSnapshot(`
      "definitions: 2 changes cannot be made, and nothing was changed
        queue new in vhost orders cannot change in place: x-max-length 10 to 20
          fix: set it back, or give the new one another name; or definitions.replace: when-empty, which deletes it and makes it anew if nothing is lost by that
        queue old in vhost orders left the config and is still in use: 2 messages
          fix: empty it and stop its consumers, or put it back into the config"
    `);
  });
});
