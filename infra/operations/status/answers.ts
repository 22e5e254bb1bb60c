/** Shapes of what hosts answer, checked: a host in trouble may say anything. */
import { z } from 'zod';
import type { ClusterAnswer } from '../cluster/answers.ts';

export const balancerAnswer = z.object({
  vip: z.boolean(),
  /** State of the unit that takes the address when the other balancer is lost; one of before 0.2 does not say. */
  keepalived: z.string().default('active'),
  servers: z.array(z.object({ backend: z.string(), server: z.string(), state: z.string() })),
});
export type BalancerAnswer = z.infer<typeof balancerAnswer>;

/** `GET /api/overview` of a broker without `/api/version`, limited to what it knows itself. */
export const overviewAnswer = z.object({ rabbitmq_version: z.string() });

/** `GET /api/version`; answered by the broker alone, whatever state its cluster is in. */
export const versionAnswer = z.string();

/** `GET /api/health/checks/local-alarms`, with its status 200 or 503; also the broker's alone. */
export const alarmsAnswer = z.object({
  status: z.enum(['ok', 'failed']),
  alarms: z.array(z.object({ node: z.string(), resource: z.string() })).default([]),
});

/** `GET /api/nodes`: the cluster as this broker sees it. */
export const nodesAnswer = z.array(
  z.object({
    name: z.string(),
    running: z.boolean(),
    partitions: z.array(z.string()).default([]),
  }),
);
export type NodesAnswer = z.infer<typeof nodesAnswer>;

const nodeList = z.array(z.string()).optional().catch(undefined);

/** `GET /api/queues`: quorum queues and streams have a leader, classic queues a node. */
export const queuesAnswer = z.array(
  z.object({
    vhost: z.string().optional(),
    name: z.string().optional(),
    leader: z.string().optional(),
    node: z.string().optional(),
    // RabbitMQ 3.10 only; no list where a queue is not mirrored.
    slave_nodes: nodeList,
    synchronised_slave_nodes: nodeList,
  }),
);
export type QueuesAnswer = z.infer<typeof queuesAnswer>;

/** `certificate-status` of a host with TLS; moments as OpenSSL writes them. */
export const certificatesAnswer = z.object({
  served: z.array(
    z.object({
      listener: z.string(),
      serial: z.string(),
      notbefore: z.string(),
      notafter: z.string(),
      subject: z.string(),
      issuer: z.string(),
    }),
  ),
  trusted: z.string(),
});
export type CertificatesAnswer = z.infer<typeof certificatesAnswer>;

/** What one host told; a part that is undefined was not asked or not answered. */
export interface HostAnswers {
  readonly name: string;
  /** Empty while the host boots; undefined when it ran no command in time. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly balancer?: BalancerAnswer | undefined;
  readonly certificates?: CertificatesAnswer | undefined;
  readonly version?: string | undefined;
  readonly alarms?: readonly string[] | undefined;
  readonly nodes?: NodesAnswer | undefined;
  readonly queues?: QueuesAnswer | undefined;
  /** Of the cluster that says where the one broker runs. */
  readonly cluster?: ClusterAnswer | undefined;
}

/** Reads `KEY=value` lines; values may be quoted as a shell would have them. */
export function parseEnvFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, key, raw = ''] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim()) ?? [];
    if (key !== undefined) values[key] = /^(['"])(.*)\1$/.exec(raw)?.[2] ?? raw;
  }
  return values;
}

/**
 * The answer in a command's output.
 * @throws when it is not JSON or not of that shape; the message holds the start of what was said.
 */
export function parseAnswer<T>(schema: z.ZodType<T>, stdout: string, stderr: string): T {
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch (cause) {
    const said = oneLine(stderr) || oneLine(stdout) || 'nothing was said';
    throw new Error(said, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`unexpected answer ${oneLine(stdout)}`, { cause: parsed.error });
}

const oneLine = (text: string): string => text.trim().replace(/\s+/g, ' ').slice(0, 200);
