import type { EnvironmentPlan, Flow, FlowEnd, Role } from '../plan/model.ts';
import { portRanges } from '../plan/ports.ts';
import { isDrawn } from './drawn.ts';
import {
  type Box,
  type FlowLook,
  label,
  type Label,
  lineHeight,
  type Shape,
  textWidth,
} from './scene.ts';

/** Everything that one end may open to another, as one labelled card on one arrow. */
export interface Card {
  readonly from: string;
  readonly to: string;
  readonly look: FlowLook;
  readonly head: string;
  readonly lines: readonly { readonly ports: string; readonly why: string }[];
  readonly width: number;
  readonly height: number;
}

const padding = 10;
const gap = 10;

/** Name of a tier: a role, or who is outside. */
export const endName = (end: FlowEnd): string => (end.kind === 'role' ? end.role : end.name);

/** Cards of a plan, in the order of its flows; pings and surroundings are left to the legend. */
export function cardsOf({ flows, hosts }: EnvironmentPlan): Card[] {
  const groups = Map.groupBy(
    flows.filter(isDrawn),
    ({ from, to }) => `${endName(from)} ${endName(to)}`,
  );
  const alone = (end: string): boolean =>
    hosts.filter(({ roles }) => roles.includes(end as Role)).length === 1;
  const title = (end: string): string => (alone(end) || end.endsWith('s') ? end : `${end}s`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const [from, to] = [endName(first.from), endName(first.to)];
    // A host alone in its role has nobody to talk to.
    if (from === to && alone(from)) return [];
    const head = from === to ? `between ${title(from)}` : `${title(from)} → ${title(to)}`;
    return [cardOf({ from, to, look: lookOf(first), head }, group)];
  });
}

function cardOf(card: Pick<Card, 'from' | 'to' | 'look' | 'head'>, flows: readonly Flow[]): Card {
  const lines = flows.map((flow) => ({ ports: portsText(flow), why: flow.why }));
  const portsColumn = columnWidth(lines);
  const width = Math.max(
    textWidth(card.head, 'head'),
    ...lines.map(({ why }) => portsColumn + textWidth(why, 'note')),
  );
  const height = lineHeight('head') + 4 + lines.length * lineHeight('note');
  return { ...card, lines, width: width + 2 * padding, height: height + 2 * padding };
}

const lookOf = ({ from, to }: Flow): FlowLook => {
  if (from.kind === 'outside' || to.kind === 'outside') return 'client';
  return from.role === to.role ? 'peer' : 'service';
};

const columnWidth = (lines: Card['lines']): number =>
  gap + Math.max(...lines.map(({ ports }) => textWidth(ports, 'ports')));

/** `5672`, `35672–35675`, `8301/udp`, `VRRP`. */
export function portsText({ protocol, ports }: Pick<Flow, 'protocol' | 'ports'>): string {
  if (ports.length === 0) return protocol.toUpperCase();
  const text = portRanges(ports).join(', ').replaceAll('-', '–');
  return protocol === 'tcp' ? text : `${text}/${protocol}`;
}

/** The card drawn with its upper left corner there. */
export function drawCard(card: Card, x: number, y: number): { box: Box; parts: (Shape | Label)[] } {
  const { look, head, lines, width, height } = card;
  const box = { x, y, width, height };
  const left = x + padding;
  const portsColumn = columnWidth(lines);
  const top = y + padding + lineHeight('head') + 4;
  return {
    box,
    parts: [
      { kind: 'box', look: 'card', flow: look, ...box },
      label('head', head, left, y + padding),
      ...lines.flatMap(({ ports, why }, index) => {
        const lineTop = top + index * lineHeight('note');
        return [
          label('ports', ports, left, lineTop),
          label('note', why, left + portsColumn, lineTop),
        ];
      }),
    ],
  };
}
