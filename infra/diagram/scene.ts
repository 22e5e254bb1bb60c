/**
 * What a diagram consists of, placed: the layout makes it, `svg.ts` writes it. All lengths are CSS
 * pixels; y grows downwards.
 */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a box looks; one rule of the style sheet each. */
export type BoxLook = 'zone' | 'network' | 'host' | 'outside' | 'vip' | 'card';

/** Who talks: clients from outside, one role to another, or hosts of one role among themselves. */
export type FlowLook = 'client' | 'service' | 'peer';

export interface Shape extends Box {
  readonly kind: 'box';
  readonly look: BoxLook;
  /** Colour of a card's edge: that of its flow. */
  readonly flow?: FlowLook;
}

export interface Label extends Box {
  readonly kind: 'text';
  readonly look: TextLook;
  readonly text: string;
  readonly anchor: 'start' | 'middle';
}

export interface Line {
  readonly kind: 'line';
  readonly look: FlowLook | 'holder';
  /** SVG path data. */
  readonly path: string;
  readonly arrow: 'none' | 'end' | 'both';
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** One sentence for those who cannot see it. */
  readonly description: string;
  /** In the order of painting. */
  readonly parts: readonly (Shape | Line | Label)[];
}

export type TextLook = keyof typeof textLooks;

/** Font sizes in px; `mono` texts are addresses and ports. */
export const textLooks = {
  title: { size: 20, weight: 650, mono: false },
  subtitle: { size: 13, weight: 400, mono: false },
  zone: { size: 13, weight: 650, mono: false },
  network: { size: 12, weight: 400, mono: false },
  name: { size: 14, weight: 650, mono: false },
  address: { size: 12, weight: 400, mono: true },
  note: { size: 12, weight: 400, mono: false },
  head: { size: 12, weight: 650, mono: false },
  ports: { size: 12, weight: 600, mono: true },
} as const;

const narrow = /[ijlrtfI.,:;'|!()[\] -]/;
const wide = /[A-Zmw@%–]/;

/** Width of a text, never less than common sans-serif and monospaced fonts need. */
export function textWidth(text: string, look: TextLook): number {
  const { size, weight, mono } = textLooks[look];
  const shares = Array.from(text, (char) => {
    if (mono) return 0.62;
    if (narrow.test(char)) return 0.4;
    return wide.test(char) ? 0.8 : 0.6;
  });
  const sum = shares.reduce((total, share) => total + share, 0);
  return Math.ceil(sum * size * (weight > 500 ? 1.04 : 1));
}

export const lineHeight = (look: TextLook): number => Math.ceil(textLooks[look].size * 1.45);

/** A label whose box begins at (x, y), or is centred on x. */
export function label(
  look: TextLook,
  text: string,
  x: number,
  y: number,
  anchor: Label['anchor'] = 'start',
): Label {
  const width = textWidth(text, look);
  const left = anchor === 'middle' ? x - width / 2 : x;
  return { kind: 'text', look, text, anchor, x: left, y, width, height: lineHeight(look) };
}

export const centreX = ({ x, width }: Box): number => x + width / 2;
export const centreY = ({ y, height }: Box): number => y + height / 2;
export const bottom = ({ y, height }: Box): number => y + height;
export const right = ({ x, width }: Box): number => x + width;

/** The box around several. */
export function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const width = Math.max(...boxes.map(right)) - x;
  const height = Math.max(...boxes.map(bottom)) - y;
  return { x, y, width, height };
}
