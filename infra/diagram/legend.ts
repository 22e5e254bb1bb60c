import type { EnvironmentPlan } from '../plan/model.ts';
import { undrawnText } from './drawn.ts';
import type { PlacedCard } from './grid.ts';
import { label, type Label, type Line, lineHeight, type Shape } from './scene.ts';

type Part = Shape | Line | Label;

const lineMeanings = {
  client: 'clients connect',
  service: 'one role connects to another',
  peer: 'hosts of one role connect to each other',
  holder: 'may hold the VIP',
} as const;

const sample = 34;

/** What the lines mean, and what happens to everything that is not drawn. */
export function legendOf(
  plan: EnvironmentPlan,
  cards: readonly PlacedCard[],
  start: { readonly x: number; readonly y: number },
  limit: number,
): Part[] {
  const { flows, virtualAddresses, target } = plan;
  const used = new Set(cards.map(({ card }) => card.look));
  const rows = (['client', 'service', 'peer', 'holder'] as const).filter((look) =>
    look === 'holder' ? virtualAddresses.length > 0 : used.has(look),
  );
  let { x, y } = start;
  const entries = rows.flatMap((look): Part[] => {
    const text = label('note', lineMeanings[look], x + sample + 8, y);
    if (text.x + text.width > limit) {
      x = start.x;
      y += lineHeight('note') + 4;
    }
    const middle = y + lineHeight('note') / 2;
    const path = `M${x} ${middle}L${x + sample} ${middle}`;
    const arrow = look === 'holder' ? 'none' : look === 'peer' ? 'both' : 'end';
    const placed = label('note', lineMeanings[look], x + sample + 8, y);
    x = placed.x + placed.width + 22;
    return [{ kind: 'line', look, path, arrow }, placed];
  });
  const pings = flows.some(({ protocol }) => protocol === 'icmp')
    ? 'Hosts answer each other’s pings. '
    : '';
  const walls = target === 'aws' ? ' and by security groups' : '';
  const rest = `${pings}Numbers are TCP ports of the side that is connected to. All else is dropped by every host’s firewall${walls}.`;
  const texts = [rest, undrawnText(plan)].filter((text) => text !== '');
  return [
    ...entries,
    ...texts.map((text, index) =>
      label('note', text, start.x, y + (index + 1) * (lineHeight('note') + 6)),
    ),
  ];
}
