import type { EnvironmentPlan, VirtualAddress } from '../plan/model.ts';
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

/** Lines of text in the box of an address that moves. */
function vipLines({ address, mechanism }: VirtualAddress): [name: string, note: string] {
  switch (mechanism) {
    case 'overlay':
      return [`VIP ${address}`, 'routed to one host at a time'];
    // The one of the plan is a sign on the loopback; AWS chooses the address.
    case 'elastic-ip':
      return ['Elastic IP', 'with one host at a time'];
    case 'announced':
    case 'secondary-ip':
      return [`VIP ${address}`, 'held by one host at a time'];
  }
}

export function vipWidth(virtual: VirtualAddress): number {
  const [name, note] = vipLines(virtual);
  return Math.max(textWidth(name, 'name'), textWidth(note, 'note')) + 28;
}

export const outsideSize = ({ name }: Tier): { width: number; height: number } => ({
  width: Math.max(150, textWidth(name, 'name') + 40),
  height: outsideHeight,
});

/** `3 brokers and 2 balancers in 3 zones, 1.5 GiB ...` */
export function subtitleOf(plan: EnvironmentPlan, tiers: readonly Tier[]): string {
  const zones = new Set(plan.networks.flatMap(({ zone }) => zone ?? [])).size;
  const told = tiers.filter(({ outside }) => !outside);
  // What it is all about comes first.
  const inOrder = told.toSorted(
    (a, b) => Number(b.name === 'broker') - Number(a.name === 'broker'),
  );
  const balanced = new Set(plan.aws?.loadBalancers.map(({ role }): string => role));
  const counts = inOrder.map(({ name, hosts }) =>
    balanced.has(name)
      ? 'a Network Load Balancer'
      : `${hosts.length} ${name}${hosts.length === 1 ? '' : 's'}`,
  );
  const last = counts.pop() ?? '';
  const hosts = counts.length === 0 ? last : `${counts.join(', ')} and ${last}`;
  return `${hosts} in ${zones} zones`;
}

/** Zones as columns behind everything, and networks that span them as bands. */
export function drawGround(
  { networks, aws }: EnvironmentPlan,
  placed: readonly PlacedTier[],
  columns: readonly Column[],
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
      const y = hosts.y - headerHeight;
      const height = hosts.height + headerHeight + 2 * spacing.inset;
      // A subnet of AWS is in one zone, whatever it is for.
      const across = columns.filter(
        ({ zone }) => aws === undefined || tier.hosts.some((host) => host.zone === zone),
      );
      const ground = around(across.map(({ x, width }) => ({ x, width, y, height })));
      const band = {
        ...ground,
        x: ground.x + spacing.inset,
        width: ground.width - 2 * spacing.inset,
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
  const addresses = tier.virtualAddresses.flatMap((virtual, index) => {
    const box = vips[index];
    return box === undefined ? [] : drawBox('vip', box, vipLines(virtual), vipTextLooks);
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
