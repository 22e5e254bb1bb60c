/** Milliseconds since 1970, with fractions: the same clock for every process of the machine. */
export const clock = (): number => performance.timeOrigin + performance.now();

/** A new connection that a broker answered on, by `clock`. */
export interface Answered {
  readonly startedAt: number;
  readonly answeredAt: number;
}
