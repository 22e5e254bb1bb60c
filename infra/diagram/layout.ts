import type { EnvironmentPlan } from '../plan/model.ts';
import { cardsOf } from './cards.ts';
import { connect } from './connect.ts';
import { drawGround, drawTier, outsideSize, subtitleOf, vipWidth } from './draw.ts';
import {
  type Column,
  columnsOf,
  hostSize,
  type PlacedCard,
  type Row,
  rowsOf,
  spacing,
} from './grid.ts';
import { gutterWidth } from './lanes.ts';
import { legendOf } from './legend.ts';
import {
  around,
  bottom,
  type Box,
  centreX,
  label,
  lineHeight,
  right,
  type Scene,
} from './scene.ts';
import { placeOf, type Tier, tiersOf } from './tiers.ts';

/** A tier with the boxes that stand for it. */
export interface PlacedTier {
  readonly tier: Tier;
  /** Its hosts, or who is outside, from left to right. */
  readonly boxes: readonly Box[];
  /** What connections from outside arrive at, where that is an address and no host. */
  readonly vips: readonly Box[];
}

/**
 * The picture of a plan: zones as columns, roles as rows, what may connect to what as labelled
 * arrows. Pure and deterministic; it knows roles and networks, but no topology or front end by name.
 */
export function layOutDiagram(plan: EnvironmentPlan): Scene {
  const tiers = tiersOf(plan);
  const cards = cardsOf(plan).flatMap((card): PlacedCard[] => {
    const place = placeOf(card, tiers);
    return place === undefined ? [] : [{ card, place }];
  });
  const title = `${plan.stack}: ${plan.topology}, front end ${plan.frontEnd}`;
  const description = subtitleOf(plan, tiers);
  const head = [
    label('title', title, spacing.margin, spacing.margin),
    label('subtitle', description, spacing.margin, spacing.margin + lineHeight('title') + 2),
  ];
  const columns = columnsOf(plan, tiers, hostSize(tiers), spacing.margin + gutterWidth(cards));
  const main = around(columns.map(({ x, width }) => ({ x, width, y: 0, height: 0 })));
  const placed = placeTiers(tiers, cards, columns, main, bottom(around(head)) + 22);
  const drawn = [
    ...head,
    ...drawGround(plan, placed, columns),
    ...connect(placed, cards, main),
    ...placed.flatMap(drawTier),
  ];
  const extent = around(drawn.filter((part) => part.kind !== 'line'));
  const legend = legendOf(
    plan,
    cards,
    { x: spacing.margin, y: bottom(extent) + 22 },
    right(extent),
  );
  const all = around([extent, ...legend.filter((part) => part.kind !== 'line')]);
  return {
    width: Math.ceil(right(all) + spacing.margin),
    height: Math.ceil(bottom(all) + spacing.margin - 6),
    title,
    description,
    parts: [...drawn, ...legend],
  };
}

function placeTiers(
  tiers: readonly Tier[],
  cards: readonly PlacedCard[],
  columns: readonly Column[],
  main: Box,
  top: number,
): PlacedTier[] {
  const host = hostSize(tiers);
  const rows = rowsOf(tiers, cards, host.height, top);
  const inside = tiers.map((tier, index): PlacedTier | undefined => {
    const row = rows[index];
    if (row === undefined) throw new RangeError(`no row for tier ${tier.name}`);
    return tier.outside ? undefined : placeHosts(tier, row, columns, host);
  });
  // Who is outside stands right above what it connects to.
  const door = inside.find((each) => each !== undefined);
  const centre = centreX(around(door === undefined || door.vips.length === 0 ? [main] : door.vips));
  return tiers.map((tier, index): PlacedTier => {
    const known = inside[index];
    if (known !== undefined) return known;
    const size = outsideSize(tier);
    const y = rows[index]?.y ?? top;
    return { tier, boxes: [{ x: centre - size.width / 2, y, ...size }], vips: [] };
  });
}

function placeHosts(
  tier: Tier,
  row: Row,
  columns: readonly Column[],
  host: { readonly width: number; readonly height: number },
): PlacedTier {
  const boxes = tier.hosts.map(({ name, zone }) => {
    const x = columns.find((column) => column.zone === zone)?.hostX.get(name);
    if (x === undefined) throw new RangeError(`host ${name} is in a zone without a network`);
    return { x, y: row.y + (row.height - host.height) / 2, ...host };
  });
  const { vip } = row;
  if (vip === undefined) return { tier, boxes, vips: [] };
  const widths = tier.virtualAddresses.map(vipWidth);
  const taken = widths.reduce((sum, width) => sum + width, (widths.length - 1) * spacing.apart);
  let x = centreX(around(boxes)) - taken / 2;
  const vips = widths.map((width) => {
    const box = { x, width, ...vip };
    x += width + spacing.apart;
    return box;
  });
  return { tier, boxes, vips };
}
