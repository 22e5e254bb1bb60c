/** Context of everything under `templates/monitored/`. */
export type MonitoredContext = {
  readonly intervalSeconds: number;
  readonly nodePort: number;
  /** Units whose state is a metric, as a regular expression for node_exporter. */
  readonly unitPattern: string;
};

/** Context of everything under `templates/monitor/`. */
export type MonitorContext = {
  readonly stack: string;
  readonly address: string;
  readonly port: number;
  readonly intervalSeconds: number;
  /** How long a symptom must last before it is an alert, and before a slow one is. */
  readonly alertSeconds: { readonly soon: number; readonly late: number };
  readonly unacknowledgedLimit: number;
  readonly retentionHours: number;
  /** The oldest goes sooner when the disk fills up. */
  readonly retentionMiB: number;
  /** For one host to answer. */
  readonly timeoutMs: number;
  readonly jobs: readonly ScrapeJob[];
};

export type ScrapeJob = {
  readonly name: 'rabbitmq' | 'haproxy' | 'node' | 'prometheus';
  readonly targets: readonly {
    readonly host: string;
    readonly address: string;
    readonly port: number;
    readonly role: string;
    readonly zone: string;
  }[];
};
