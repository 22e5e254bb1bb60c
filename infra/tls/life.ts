/** When certificates are to be renewed, from their two dates alone. */
export interface Life {
  readonly from: Date;
  readonly to: Date;
}

export const millisecondsPerDay = 24 * 60 * 60 * 1000;

/** Moment from which on a renewal is due: the last third of its life, 30 days at most. */
export const renewalDueOf = ({ from, to }: Life): Date =>
  new Date(to.getTime() - Math.min(30 * millisecondsPerDay, (to.getTime() - from.getTime()) / 3));

/** Of a certificate whose dates are texts. */
export const lifeOf = ({ from, expires }: { from: string; expires: string }): Life => ({
  from: new Date(from),
  to: new Date(expires),
});

/** Whole days until a moment; negative when it has passed. */
export const daysUntil = (moment: Date, now = new Date()): number =>
  Math.floor((moment.getTime() - now.getTime()) / millisecondsPerDay);
