/** For each alert: figures that fire it and figures that must not; the rules' own units. */
export interface AlertCase {
  readonly alert: string;
  readonly severity: 'critical' | 'warning';
  /** One series with its labels. */
  readonly series: string;
  /** Values in the notation of promtool, one a sample: `0x40` is forty-one times 0. */
  readonly fires: string;
  readonly quiet: string;
  /** A second series that the rule divides by or compares with. */
  readonly beside?: readonly [series: string, values: string];
  /** Labels of the alert beside its severity. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}
