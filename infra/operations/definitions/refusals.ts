import { canonical } from '../../canonical-json.ts';
import { describeItem, type Item, placeOf, vhostPath } from '../../definitions/items.ts';
import { UserError } from '../../errors.ts';
import { type Changes, goesWith, type Situation } from './changes.ts';
import { refusedLimits, vhostsWithNewLimits } from './limits.ts';
import type { QueueName, QueueUse } from './queues.ts';

/** One change that must not happen. */
export interface Refusal {
  readonly path: string;
  /** Why, one clause. */
  readonly what: string;
  /** What would have to happen. */
  readonly fix: string;
}

export interface Inspection {
  readonly situation: Situation;
  readonly changes: Changes;
  /** Queues that stand in question, as they are now. */
  readonly uses: readonly QueueUse[];
  /** Whether what cannot be changed in place may be replaced where nothing is lost by it. */
  readonly replace: boolean;
  /** Whether messages may be lost to policies: their user said so. */
  readonly discard: boolean;
}

/** Queues whose content decides whether the changes may happen. */
export function queuesInQuestion(
  changes: Changes,
  { discard }: Pick<Inspection, 'discard'>,
): {
  vhosts: string[];
  queues: QueueName[];
} {
  const places = [...changes.replaced, ...changes.removed].map(placeOf);
  return {
    vhosts: [
      ...places.filter(({ kind }) => kind === 'vhosts').map(({ name }) => name),
      ...(discard ? [] : vhostsWithNewLimits(changes)),
    ],
    queues: places
      .filter(({ kind }) => kind === 'queues')
      .map(({ vhost = '', name }) => ({ vhost, name })),
  };
}

/** Everything that stands in the way, at once. Pure. */
export function refusalsOf(inspection: Inspection): Refusal[] {
  const { situation, changes, uses, discard } = inspection;
  const { replaced, removed } = changes;
  return [
    ...replaced.flatMap((path) => refusedReplacement(path, inspection)),
    ...removed.flatMap((path) => refusedRemoval(path, inspection)),
    ...(discard ? [] : refusedLimits(situation, changes, uses)),
  ];
}

const useOf = (path: string, uses: readonly QueueUse[]): QueueUse | undefined => {
  const { kind, vhost, name } = placeOf(path);
  if (kind !== 'queues') return undefined;
  return uses.find((use) => use.vhost === vhost && use.name === name);
};

function refusedReplacement(path: string, inspection: Inspection): Refusal[] {
  const { situation, uses, replace } = inspection;
  const { live, wanted } = situation;
  const change = describeChange(live[path] ?? {}, wanted[path] ?? {});
  const set = 'set it back, or give the new one another name';
  if (!replace) {
    return [
      {
        path,
        what: `cannot change in place: ${change}`,
        fix: `${set}; or definitions.replace: when-empty, which deletes it and makes it anew if nothing is lost by that`,
      },
    ];
  }
  return [
    ...inUse(path, uses, `cannot be made anew (${change}) while it is in use`),
    ...strangersOn(path, situation, `cannot be made anew (${change}) without taking along`),
  ];
}

function refusedRemoval(path: string, { situation, uses }: Inspection): Refusal[] {
  const { kind } = placeOf(path);
  if (kind === 'vhosts') return refusedVhost(path, situation, uses);
  return [
    ...inUse(path, uses, 'left the config and is still in use'),
    ...(kind === 'queues' || kind === 'exchanges'
      ? strangersOn(path, situation, 'left the config and cannot go without')
      : []),
  ];
}

function inUse(path: string, uses: readonly QueueUse[], what: string): Refusal[] {
  const use = useOf(path, uses);
  if (use === undefined || (use.messages === 0 && use.consumers === 0)) return [];
  return [
    {
      path,
      what: `${what}: ${describeUse(use)}`,
      fix: 'empty it and stop its consumers, or put it back into the config',
    },
  ];
}

export const describeUse = ({ messages, consumers }: QueueUse): string =>
  messages === null || consumers === null
    ? 'it does not say what it holds'
    : [
        ...(messages === 0 ? [] : [`${messages} message${messages === 1 ? '' : 's'}`]),
        ...(consumers === 0 ? [] : [`${consumers} consumer${consumers === 1 ? '' : 's'}`]),
      ].join(' and ');

/** Bindings of clients, which would end with the queue or exchange that they are on. */
function strangersOn(path: string, { live, wanted, leaving }: Situation, what: string): Refusal[] {
  const strangers = Object.keys(live).filter(
    (one) =>
      placeOf(one).kind === 'bindings' &&
      goesWith(one, path) &&
      !(one in wanted) &&
      !leaving.includes(one),
  );
  if (strangers.length === 0) return [];
  return [
    {
      path,
      what: `${what} what clients made: ${listed(strangers.map(describeItem))}`,
      fix: 'remove these bindings, or state them in the config, or put things back',
    },
  ];
}

/** A vhost takes everything in it along. */
function refusedVhost(
  path: string,
  { live, leaving }: Situation,
  uses: readonly QueueUse[],
): Refusal[] {
  const { name } = placeOf(path);
  const holding = uses.filter(({ vhost, messages }) => vhost === name && messages !== 0);
  const inside = Object.keys(live).filter((one) => {
    const { kind, vhost } = placeOf(one);
    return vhost === name && kind !== 'permissions' && vhostPath(name) !== one;
  });
  const strangers = [
    ...inside.filter((one) => !leaving.includes(one)).map(describeItem),
    ...uses
      .filter((use) => use.vhost === name)
      .map((use) => `queue ${use.name} in vhost ${name}`)
      .filter((text) => !inside.some((one) => describeItem(one) === text)),
  ];
  const refuse = (what: string): Refusal => ({
    path,
    what,
    fix: 'empty and delete them, or put the vhost back into the config',
  });
  return [
    ...(holding.length === 0
      ? []
      : [
          refuse(
            `left the config and holds messages: ${listed(holding.map((use) => `queue ${use.name}: ${describeUse(use)}`))}`,
          ),
        ]),
    ...(strangers.length === 0
      ? []
      : [refuse(`left the config and holds what clients made: ${listed(strangers)}`)]),
  ];
}

const most = 10;

const listed = (lines: readonly string[]): string =>
  lines.length > most
    ? [...lines.slice(0, most), `and ${lines.length - most} more`].join('; ')
    : lines.join('; ');

/** `x-max-length 1000 to 2000; type direct to topic` */
function describeChange(from: Item, to: Item): string {
  const [before, after] = [flat(from), flat(to)];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys
    .filter((key) => canonical(before[key]) !== canonical(after[key]))
    .map((key) => `${key} ${shown(before[key])} to ${shown(after[key])}`)
    .join('; ');
}

const flat = ({ arguments: given, ...rest }: Item): Item => ({ ...rest, ...(given as Item) });

const shown = (value: Item[string] | undefined): string =>
  value === undefined ? 'none' : typeof value === 'string' ? value : canonical(value);

/** All refusals as one error. */
export function refusalError(refusals: readonly Refusal[]): UserError {
  const lines = refusals.flatMap(({ path, what, fix }) => [
    `  ${describeItem(path)} ${what}`,
    `    fix: ${fix}`,
  ]);
  const count = refusals.length === 1 ? 'one change' : `${refusals.length} changes`;
  return new UserError({
    what: [`definitions: ${count} cannot be made, and nothing was changed`, ...lines].join('\n'),
  });
}
