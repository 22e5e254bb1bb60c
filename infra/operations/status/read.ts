import type { z } from 'zod';

import { messageOf } from '../../errors.ts';
import type { Channel, LiveHost } from '../channel.ts';
import {
  alarmsAnswer,
  balancerAnswer,
  nodesAnswer,
  parseAnswer,
  parseEnvFile,
  queuesAnswer,
  versionAnswer,
} from './answers.ts';
import type { HostAnswers, QueuesAnswer } from './answers.ts';
import { assembleStatus, rolesOf } from './assemble.ts';
import type { Endpoints, StatusReport } from './model.ts';

export interface StatusSource {
  readonly stack: string;
  readonly target: string;
  readonly channel: Channel;
  readonly endpoints: Endpoints;
}

export interface StatusDeadlines {
  /** For the host to run a command, or a broker to speak for itself; milliseconds. */
  readonly hostMs: number;
  /** For what a broker must ask its peers: it may wait for one that hangs. */
  readonly clusterMs: number;
}

/** Together below three seconds: one step to the host, two to its cluster, one after the other. */
export const defaultDeadlines: StatusDeadlines = { hostMs: 900, clusterMs: 850 };

const tools = {
  env: ['cat', '/etc/rabbitmq-ha-kit/host.env'],
  balancer: ['/usr/local/sbin/balancer-status'],
  get: (path: string) => ['/usr/local/sbin/mq-api', 'GET', path],
} as const;

/**
 * Asks every host of the environment at once. A host that is dead, hung or confused is part of the
 * answer; it never makes this fail, nor wait longer than the deadlines.
 * @throws only when the hosts cannot be listed
 */
export async function readStatus(
  source: StatusSource,
  deadlines: StatusDeadlines = defaultDeadlines,
): Promise<StatusReport> {
  const warnings: string[] = [];
  const hosts = await source.channel.hosts();
  const ask = asker(source.channel, warnings);
  const told = await Promise.all(
    hosts
      .filter(({ state }) => state === 'running')
      .map((host) => askHost(ask, host, deadlines, warnings)),
  );
  const answers = new Map(told.filter((each) => each !== undefined).map((each) => [each.name, each]));
  const queues = await askQueues(ask, [...answers.values()], deadlines.clusterMs);
  for (const [name, queue] of queues) {
    const before = answers.get(name);
    if (before) answers.set(name, { ...before, queues: queue });
  }
  return assembleStatus({ ...source, hosts, answers, warnings });
}

/** One question to one host: the checked answer, or undefined and a warning. */
type Ask = <T>(question: Question<T>) => Promise<T | undefined>;

interface Question<T> {
  readonly host: string;
  readonly argv: readonly string[];
  readonly timeoutMs: number;
  readonly schema: z.ZodType<T>;
  /** What stays unknown without an answer: ends the sentence "broker-1 did not say ...". */
  readonly subject: string;
}

function asker(channel: Channel, warnings: string[]): Ask {
  return async ({ host, argv, timeoutMs, schema, subject }) => {
    try {
      const { stdout, stderr } = await within(channel, host, argv, timeoutMs);
      // A failed health check exits non-zero, and its body is the answer.
      return parseAnswer(schema, stdout, stderr);
    } catch (error) {
      warnings.push(`${host} did not say ${subject}: ${messageOf(error)}`);
      return undefined;
    }
  };
}

async function askHost(
  ask: Ask,
  host: LiveHost,
  deadlines: StatusDeadlines,
  warnings: string[],
): Promise<HostAnswers | undefined> {
  const { name } = host;
  const env = await readEnv(ask.channel, name, deadlines.hostMs).catch((error: unknown) => {
    warnings.push(`${name} did not say what it is: ${messageOf(error)}`);
    return undefined;
  });
  return env;
}
