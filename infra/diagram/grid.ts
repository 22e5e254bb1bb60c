import type { EnvironmentPlan } from '../plan/model.ts';
import type { Card } from './cards.ts';
import { type DrawnHost, drawnNetworks } from './drawn.ts';
import { lineHeight, textWidth } from './scene.ts';
import type { Place, Tier } from './tiers.ts';

/** Distances of the picture in px. */
export const spacing = {
  margin: 24,
  /** Between boxes beside each other. */
  apart: 18,
  /** Inside of a zone or network, to its edge. */
  inset: 14,
  /** Between a card and what its arrows lead to. */
  arrow: 34,
  /** Between two lanes at the left. */
  lane: 26,
} as const;

/** A card with the place that it was given. */
export interface PlacedCard {
  readonly card: Card;
  readonly place: Place;
}

/** Lines of text in a host's box. */
export function hostLines(host: DrawnHost, rest: readonly DrawnHost[]): string[] {
  const sides = new Set(rest.map(({ labels }) => labels['side']));
  const side = sides.size > 1 ? host.labels['side'] : undefined;
  const { name, address, note } = host;
  return [name, address, ...(side === undefined ? [note] : [side, note])];
}

export const hostTextLooks = ['name', 'address', 'note', 'note'] as const;

const hostPadding = 10;

export function hostSize(tiers: readonly Tier[]): { width: number; height: number } {
  const all = tiers.flatMap(({ hosts }) => hosts.map((host) => hostLines(host, hosts)));
  const widths = all.flatMap((lines) =>
    lines.map((line, index) => textWidth(line, hostTextLooks[index] ?? 'note')),
  );
  const lines = Math.max(3, ...all.map(({ length }) => length));
  return {
    width: Math.max(...widths) + 2 * hostPadding,
    height: 2 * hostPadding + lineHeight('name') + (lines - 1) * lineHeight('note'),
  };
}

/** One zone: x and width of its column, and where each host's box begins. */
export interface Column {
  readonly zone: string;
  readonly network: string;
  readonly x: number;
  readonly width: number;
  readonly hostX: ReadonlyMap<string, number>;
}

/** Columns of the zones from left to right, beginning at `left`. */
export function columnsOf(
  plan: EnvironmentPlan,
  tiers: readonly Tier[],
  host: { readonly width: number },
  left: number,
): Column[] {
  let x = left;
  const zones = Map.groupBy(drawnNetworks(plan), ({ zone }) => zone);
  return [...zones].flatMap(([zone, networks]) => {
    if (zone === undefined) return [];
    const network = networks.map(({ name, cidr }) => `${name} ${cidr}`).join(', ');
    const rows = tiers.map(({ hosts }) => hosts.filter((each) => each.zone === zone));
    const most = Math.max(1, ...rows.map(({ length }) => length));
    const inner = Math.max(
      most * host.width + (most - 1) * spacing.apart,
      textWidth(network, 'network'),
      textWidth(`zone ${zone}`, 'zone'),
    );
    const width = inner + 4 * spacing.inset;
    const begin = x;
    x += width + spacing.apart;
    const hostX = rows.flatMap((row) => {
      const taken = row.length * host.width + (row.length - 1) * spacing.apart;
      const first = begin + (width - taken) / 2;
      return row.map(
        ({ name: hostName }, index) =>
          [hostName, first + index * (host.width + spacing.apart)] as const,
      );
    });
    return [{ zone, network, x: begin, width, hostX: new Map(hostX) }];
  });
}

/** Vertical place of a tier: its row of boxes, and of the addresses above it. */
export interface Row {
  readonly y: number;
  readonly height: number;
  /** Where its virtual addresses are; undefined without any. */
  readonly vip?: { readonly y: number; readonly height: number };
}

export const outsideHeight = 40;
const vipHeight = 44;
const vipGap = 40;
export const headerHeight = lineHeight('zone') + 12;

/** Rows from top to bottom; cards beside a row and between two rows get the height they need. */
export function rowsOf(
  tiers: readonly Tier[],
  cards: readonly PlacedCard[],
  hostHeight: number,
  top: number,
): Row[] {
  let y = top;
  return tiers.map((tier, index) => {
    const above = cards.filter(
      ({ place }) => place.kind === 'between' && place.upper === index - 1,
    );
    const beside = cards.filter(({ place }) => place.kind === 'beside' && place.tier === index);
    if (above.length > 0) {
      y += 2 * spacing.arrow + Math.max(...above.map(({ card }) => card.height));
    } else if (index > 0) y += spacing.arrow;
    if (!tier.outside && (tiers[index - 1]?.outside ?? true)) y += headerHeight;
    if (tier.spansZones) y += headerHeight;
    const vip = tier.virtualAddresses.length > 0 ? { y, height: vipHeight } : undefined;
    if (vip) y += vipHeight + vipGap;
    const height = Math.max(
      tier.outside ? outsideHeight : hostHeight,
      ...beside.map(({ card }) => card.height),
    );
    const row = { y, height, ...(vip ? { vip } : {}) };
    y += height + (tier.spansZones ? spacing.inset : 0);
    return row;
  });
}
