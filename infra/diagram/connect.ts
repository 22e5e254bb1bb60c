import { type Card, drawCard } from './cards.ts';
import { type PlacedCard, spacing } from './grid.ts';
import { cardOverhang, freePart, type Lane, lanesOf, type Span } from './lanes.ts';
import type { PlacedTier } from './layout.ts';
import {
  around,
  bottom,
  type Box,
  centreX,
  centreY,
  type FlowLook,
  type Label,
  type Line,
  right,
  type Shape,
} from './scene.ts';

type Part = Shape | Line | Label;

/** Arrows with their cards, and who may hold which address. Lines first: boxes cover their ends. */
export function connect(
  tiers: readonly PlacedTier[],
  cards: readonly PlacedCard[],
  main: Box,
): Part[] {
  const between = tiers.flatMap((_, upper) =>
    betweenTiers(
      tiers,
      upper,
      cards
        .filter(({ place }) => place.kind === 'between' && place.upper === upper)
        .map(({ card }) => card),
    ),
  );
  const beside = cards.flatMap(({ card, place }) => {
    const tier = place.kind === 'beside' ? tiers[place.tier] : undefined;
    return tier === undefined ? [] : besideTier(tier, card, main);
  });
  const parts = [...holders(tiers), ...between, ...beside, ...alongTiers(tiers, cards, main)];
  return [
    ...parts.filter(({ kind }) => kind === 'line'),
    ...parts.filter(({ kind }) => kind !== 'line'),
  ];
}

/** From an address to the hosts that may hold it. */
const holders = (tiers: readonly PlacedTier[]): Line[] =>
  tiers.flatMap(({ tier, boxes, vips }) =>
    vips.flatMap((vip, index) =>
      boxes
        .filter((_, host) =>
          tier.virtualAddresses[index]?.holders.includes(tier.hosts[host]?.name ?? ''),
        )
        .map((box) => curve('holder', foot(vip), head(box), 'none')),
    ),
  );

/** Cards side by side in the gap below a tier, each with a fan of lines above and below it. */
function betweenTiers(tiers: readonly PlacedTier[], upper: number, cards: readonly Card[]): Part[] {
  const [above, below] = [tiers[upper], tiers[upper + 1]];
  if (above === undefined || below === undefined || cards.length === 0) return [];
  const top = bottom(around(above.boxes)) + spacing.arrow + (above.tier.spansZones ? 14 : 0);
  const width = cards.reduce((sum, card) => sum + card.width, (cards.length - 1) * spacing.apart);
  const middle = centreX(
    around(above.tier.outside ? above.boxes : [...above.boxes, ...below.boxes]),
  );
  let x = middle - width / 2;
  return cards.flatMap((card) => {
    const { box, parts } = drawCard(card, x, top);
    x += card.width + spacing.apart;
    const down = card.from === above.tier.name;
    const landing = below.vips.length > 0 && card.look === 'client' ? below.vips : below.boxes;
    return [
      ...above.boxes.map((each) =>
        down
          ? curve(card.look, foot(each), head(box), 'none')
          : curve(card.look, head(box), foot(each), 'end'),
      ),
      ...landing.map((each) =>
        down
          ? curve(card.look, foot(box), head(each), 'end')
          : curve(card.look, head(each), foot(box), 'none'),
      ),
      ...parts,
    ];
  });
}

/** Neighbours of one tier joined, and their card at the right of the zones. */
function besideTier({ boxes }: PlacedTier, card: Card, main: Box): Part[] {
  const row = boxes.toSorted((a, b) => a.x - b.x);
  const last = row.at(-1);
  if (last === undefined) return [];
  const y = centreY(last);
  const x = right(main) + spacing.arrow;
  const { box, parts } = drawCard(card, x, y - card.height / 2);
  return [
    ...row.slice(1).map((each, index): Line => {
      const from = row[index] ?? each;
      return straight(card.look, right(from), y, each.x, y, 'both');
    }),
    straight(card.look, right(last), y, box.x, y, 'none'),
    ...parts,
  ];
}

/** Lanes at the left, each with arrows up into the hosts that it leads to. */
function alongTiers(tiers: readonly PlacedTier[], cards: readonly PlacedCard[], main: Box): Part[] {
  const lanes = lanesOf(cards);
  const left = spacing.margin;
  const spans = lanes.map((lane) => spanOf(lane, tiers));
  return lanes.flatMap((lane, index) => {
    const { card, place } = lane.placed;
    const [from, to] = [tiers[place.from], tiers[place.to]];
    const span = spans[index];
    if (from === undefined || to === undefined || span === undefined) return [];
    const x = left + lane.offset;
    const free = freePart(span, spans.slice(index + 1));
    const y = (free.top + free.bottom - card.height) / 2;
    return [
      ...lanePath(card.look, { x, aside: index * 14 - (lanes.length - 1) * 7 }, from, to, main),
      ...drawCard(card, x - cardOverhang, y).parts,
    ];
  });
}

const spanOf = ({ upper, lower }: Lane, tiers: readonly PlacedTier[]): Span => {
  const middle = (index: number): number => centreY(around(tiers[index]?.boxes ?? []));
  return { top: middle(upper), bottom: middle(lower) };
};

/**
 * From the leftmost box to the lane, along it, and into every target from below; `aside` keeps lanes
 * of one box apart.
 */
function lanePath(
  look: FlowLook,
  { x, aside }: { readonly x: number; readonly aside: number },
  from: PlacedTier,
  to: PlacedTier,
  main: Box,
): Line[] {
  const source = around(from.boxes);
  const y = centreY(source) + aside;
  const targets = to.boxes;
  const [only] = targets;
  if (targets.length === 1 && only !== undefined) {
    const path = `M${source.x} ${y}H${x}V${centreY(only) + aside}H${only.x}`;
    return [{ kind: 'line', look, path, arrow: 'end' }];
  }
  const busY = bottom(around(targets)) + spacing.inset;
  const stubs = targets.map((box) => box.x + Math.min(28, box.width / 4));
  const last = Math.max(main.x, ...stubs);
  const bus = `M${source.x} ${y}H${x}V${busY}H${last}`;
  return [
    { kind: 'line', look, path: bus, arrow: 'none' },
    ...stubs.map((stub) => straight(look, stub, busY, stub, bottom(around(targets)), 'end')),
  ];
}

const foot = (box: Box): readonly [number, number] => [centreX(box), bottom(box)];
const head = (box: Box): readonly [number, number] => [centreX(box), box.y];

/** A line that leaves and arrives upright. */
function curve(
  look: Line['look'],
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  arrow: Line['arrow'],
): Line {
  const middle = (y1 + y2) / 2;
  const path = `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
  return { kind: 'line', look, path, arrow };
}

const straight = (
  look: FlowLook,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  arrow: Line['arrow'],
): Line => ({ kind: 'line', look, path: `M${x1} ${y1}L${x2} ${y2}`, arrow });
