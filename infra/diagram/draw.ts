import type { EnvironmentPlan } from '../plan/model.ts';
import {
  type Column,
  headerHeight,
  hostLines,
  hostTextLooks,
  outsideHeight,
  spacing,
} from './grid.ts';
import type { PlacedTier } from './layout.ts';
import {
  around,
  bottom,
  type Box,
  centreX,
  centreY,
  label,
  type Label,
  lineHeight,
  type Shape,
  textWidth,
} from './scene.ts';
import type { Tier } from './tiers.ts';

const vipNote = 'held by one host at a time';

export const vipWidth = (address: string): number =>
  Math.max(textWidth(`VIP ${address}`, 'name'), textWidth(vipNote, 'note')) + 28;

export const outsideSize = ({ name }: Tier): { width: number; height: number } => ({
  width: Math.max(150, textWidth(name, 'name') + 40),
  height: outsideHeight,
});

/** `3 brokers and 2 balancers in 3 zones, 1.5 GiB ...` */
export function subtitleOf({ networks }: EnvironmentPlan, tiers: readonly Tier[]): string {
  const zones = networks.filter(({ zone }) => zone !== undefined).length;
  const told = tiers.filter(({ outside }) => !outside);
  // What it is all about comes first.
  const inOrder = told.toSorted(
    (a, b) => Number(b.name === 'broker') - Number(a.name === 'broker'),
  );
  const counts = inOrder.map(
    ({ name, hosts }) => `${hosts.length} ${name}${hosts.length === 1 ? '' : 's'}`,
  );
  const last = counts.pop() ?? '';
  const hosts = counts.length === 0 ? last : `${counts.join(', ')} and ${last}`;
  return `${hosts} in ${zones} zones`;
}

/** Zones as columns behind everything, and networks that span them as bands. */
export function drawGround(
  { networks }: EnvironmentPlan,
  placed: readonly PlacedTier[],
  columns: readonly Column[],
  main: Box,
): (Shape | Label)[] {
  const inside = placed.filter(({ tier }) => !tier.outside);
  const [first] = inside;
  if (first === undefined) return [];
  const extent = around(inside.flatMap(({ boxes, vips }) => [...boxes, ...vips]));
  const bandTop = first.tier.spansZones ? headerHeight : 0;
  const y = extent.y - bandTop - headerHeight;
  const height = bottom(extent) + 2 * spacing.inset + lineHeight('network') + 2 - y;
  const zones = columns.flatMap(({ zone, network, x, width }): (Shape | Label)[] => [
    { kind: 'box', look: 'zone', x, y, width, height },
    label('zone', `zone ${zone}`, x + spacing.inset, y + 8),
    label('network', network, x + spacing.inset, y + height - lineHeight('network') - 8),
  ]);
  const bands = inside
    .filter(({ tier }) => tier.spansZones)
    .flatMap(({ tier, boxes, vips }): (Shape | Label)[] => {
      const hosts = around([...boxes, ...vips]);
      const network = networks.find(({ name }) => name === tier.hosts[0]?.network);
      const band = {
        x: main.x + spacing.inset,
        width: main.width - 2 * spacing.inset,
        y: hosts.y - headerHeight,
        height: hosts.height + headerHeight + 2 * spacing.inset,
      };
      const text = `${network?.name ?? ''} ${network?.cidr ?? ''}`;
      return [
        { kind: 'box', look: 'network', ...band },
        label('network', text, band.x + spacing.inset, band.y + 8),
      ];
    });
  return [...zones, ...bands];
}

/** The boxes of one tier with their texts. */
export function drawTier({ tier, boxes, vips }: PlacedTier): (Shape | Label)[] {
  if (tier.outside) {
    return boxes.flatMap((box) => [
      { kind: 'box', look: 'outside', ...box } as const,
      label('name', tier.name, centreX(box), centreY(box) - lineHeight('name') / 2, 'middle'),
    ]);
  }
  const byPlace = new Map(tier.hosts.map((host, index) => [host, boxes[index]]));
  const hosts = [...byPlace].flatMap(([host, box]) =>
    box === undefined ? [] : drawBox('host', box, hostLines(host, tier.hosts), hostTextLooks),
  );
  const addresses = tier.virtualAddresses.flatMap(({ address }, index) => {
    const box = vips[index];
    return box === undefined ? [] : drawBox('vip', box, [`VIP ${address}`, vipNote], vipTextLooks);
  });
  return [...addresses, ...hosts];
}

const vipTextLooks = ['name', 'note'] as const;

/** Lines of text, centred in a box. */
function drawBox(
  look: Shape['look'],
  box: Box,
  lines: readonly string[],
  looks: readonly Label['look'][],
): (Shape | Label)[] {
  const placed = lines.map((text, index) => ({ text, look: looks[index] ?? 'note' }));
  const height = placed.reduce((sum, line) => sum + lineHeight(line.look), 0);
  let y = centreY(box) - height / 2;
  return [
    { kind: 'box', look, ...box },
    ...placed.map((line) => {
      const drawn = label(line.look, line.text, centreX(box), y, 'middle');
      y += lineHeight(line.look);
      return drawn;
    }),
  ];
}
