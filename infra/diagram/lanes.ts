import { type PlacedCard, spacing } from './grid.ts';

/**
 * Lanes at the left for flows between tiers that are no neighbours: the longest is outermost, and
 * each has its card where no lane further in runs.
 */
export interface Lane {
  readonly placed: PlacedCard & { readonly place: { readonly kind: 'along' } };
  readonly upper: number;
  readonly lower: number;
  /** Distance of the line from the left edge of the gutter. */
  readonly offset: number;
}

/** How far a card reaches over the lane that it labels, to the left. */
export const cardOverhang = 16;

export function lanesOf(cards: readonly PlacedCard[]): Lane[] {
  return cards
    .flatMap(({ card, place }) => {
      if (place.kind !== 'along') return [];
      const upper = Math.min(place.from, place.to);
      return [{ placed: { card, place }, upper, lower: Math.max(place.from, place.to) }];
    })
    .toSorted((a, b) => b.lower - b.upper - (a.lower - a.upper))
    .map((lane, index) => ({ ...lane, offset: cardOverhang + index * spacing.lane }));
}

/** Width that lanes and their cards need, at the left of the zones; 0 without any. */
export function gutterWidth(cards: readonly PlacedCard[]): number {
  const ends = lanesOf(cards).map(
    ({ offset, placed }) => offset - cardOverhang + placed.card.width + spacing.apart,
  );
  return Math.max(0, ...ends);
}

/** A vertical stretch. */
export interface Span {
  readonly top: number;
  readonly bottom: number;
}

/** The largest part of a span that none of the others covers; the span itself when all is covered. */
export function freePart(span: Span, others: readonly Span[]): Span {
  const cuts = others.toSorted((a, b) => a.top - b.top);
  const free: Span[] = [];
  let top = span.top;
  for (const cut of cuts) {
    if (cut.top > top) free.push({ top, bottom: Math.min(cut.top, span.bottom) });
    top = Math.max(top, cut.bottom);
  }
  if (top < span.bottom) free.push({ top, bottom: span.bottom });
  return free.toSorted((a, b) => b.bottom - b.top - (a.bottom - a.top))[0] ?? span;
}
