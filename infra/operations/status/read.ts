import type { z } from 'zod';

import { messageOf } from '../../errors.ts';
import type { Channel, LiveHost, RunResult } from '../channel.ts';
import { clusterAnswer } from '../cluster/answers.ts';
import { clusterProgram } from '../cluster/ask.ts';
import {
  alarmsAnswer,
  balancerAnswer,
  certificatesAnswer,
  nodesAnswer,
  overviewAnswer,
  parseAnswer,
  parseEnvFile,
  queuesAnswer,
  versionAnswer,
} from './answers.ts';
import type { CertificatesAnswer, HostAnswers } from './answers.ts';
import { assembleStatus, rolesOf } from './assemble.ts';
import type { Servers, StatusReport } from './model.ts';

export interface StatusSource {
  readonly stack: string;
  readonly target: string;
  readonly channel: Channel;
  /** Without the statistics page's path, which its balancers know. */
  readonly servers: Servers;
}

/** Milliseconds. */
export interface StatusDeadlines {
  /** For one question: a broker may wait for a peer that hangs before it answers. */
  readonly questionMs: number;
  /** For all of them; a question that comes late has less. */
  readonly totalMs: number;
}

export const defaultDeadlines: StatusDeadlines = { questionMs: 1100, totalMs: 2500 };

/**
 * Asks every host of the environment at once. A host that is dead, hung or confused is part of the
 * answer; it never makes this fail, nor wait longer than the deadlines.
 * @throws only when the hosts cannot be listed
 */
export async function readStatus(
  source: StatusSource,
  deadlines: StatusDeadlines = defaultDeadlines,
): Promise<StatusReport> {
  const hosts = await source.channel.hosts();
  const inquiry = new Inquiry(source.channel, deadlines);
  const told = await Promise.all(
    hosts.filter(({ state }) => state === 'running').map((host) => inquiry.host(host)),
  );
  const answers = await inquiry.certificates(
    await inquiry.queues(told.filter((each) => each !== undefined)),
  );
  return assembleStatus({
    ...source,
    hosts,
    answers: new Map(answers.map((each) => [each.name, each])),
    warnings: inquiry.warnings,
  });
}

/** How long an answer may take: as one question may, or until the end of all of them. */
type Limit = 'question' | 'whole';

/** The questions of one status; what stays unanswered becomes a warning. */
class Inquiry {
  readonly warnings: string[] = [];
  readonly #channel: Channel;
  readonly #deadlines: StatusDeadlines;
  readonly #start = performance.now();
  /** By host; no other question waits for them, so that they may take as long as all together. */
  readonly #certificates = new Map<string, Promise<CertificatesAnswer | undefined>>();

  constructor(channel: Channel, deadlines: StatusDeadlines) {
    this.#channel = channel;
    this.#deadlines = deadlines;
  }

  /** All that a host knows by itself; undefined when it does not even say what it is. */
  async host(host: LiveHost): Promise<HostAnswers | undefined> {
    const { name } = host;
    const env = await this.#answer(name, 'what it is', async () => {
      const argv = ['cat', '/etc/rabbitmq-ha-kit/host.env'];
      // The file is among the first that cloud-init writes: without it the host is still booting.
      const { code, stdout } = await this.#run(name, argv);
      return code === 0 ? parseEnvFile(stdout) : {};
    });
    if (env === undefined) return undefined;
    // A host that boots has none of the tools yet.
    if (env['HOST'] === undefined) return { name, env };
    const roles = rolesOf(host, { name, env });
    const balancer = roles.includes('balancer')
      ? this.#json(name, 'what it balances', ['/usr/local/sbin/balancer-status'], balancerAnswer)
      : undefined;
    const broker = roles.includes('broker') ? this.#broker(name, env) : undefined;
    // Handshakes want CPU time, which a busy machine gives late; they ask no peer that may hang.
    if (env['TLS_LISTENERS'] !== undefined) {
      const argv = ['/usr/local/sbin/certificate-status'];
      const asked = this.#json(name, 'its certificates', argv, certificatesAnswer, 'whole');
      this.#certificates.set(name, asked);
    }
    const cluster =
      env['TOPOLOGY'] === 'drbd-pacemaker' && roles.includes('broker')
        ? this.#json(name, 'what its cluster is at', [clusterProgram], clusterAnswer, 'whole')
        : undefined;
    return { name, env, balancer: await balancer, ...(await broker), cluster: await cluster };
  }

  /** What each host with TLS shows and trusts, added to its answers. */
  certificates(told: readonly HostAnswers[]): Promise<readonly HostAnswers[]> {
    return Promise.all(
      told.map(async (answers) => ({
        ...answers,
        certificates: await this.#certificates.get(answers.name),
      })),
    );
  }

  /**
   * What a broker says of itself and of whom it sees; empty when it does not run. Only the first
   * two are answered whatever its peers do.
   */
  async #broker(
    name: string,
    env: Readonly<Record<string, string>>,
  ): Promise<Partial<HostAnswers>> {
    const get = <T>(path: string, subject: string | undefined, schema: z.ZodType<T>) =>
      this.#json(name, subject, ['/usr/local/sbin/mq-api', 'GET', path], schema);
    const overview = '/api/overview?disable_stats=true&columns=rabbitmq_version';
    const version =
      env['RABBITMQ_SERIES'] === '3.10'
        ? (await get(overview, undefined, overviewAnswer))?.rabbitmq_version
        : await get('/api/version', undefined, versionAnswer);
    if (version === undefined) return {};
    const [alarms, nodes] = await Promise.all([
      get('/api/health/checks/local-alarms', 'its alarms', alarmsAnswer),
      get('/api/nodes?columns=name,running,partitions', 'whom it sees', nodesAnswer),
    ]);
    return { version, nodes, alarms: alarms?.alarms.map(({ resource }) => resource) };
  }

  /** Asks one broker of each cluster, the first that answered, who leads the queues. */
  async queues(told: readonly HostAnswers[]): Promise<readonly HostAnswers[]> {
    const clusters = Map.groupBy(
      told.filter(({ nodes }) => nodes !== undefined),
      ({ nodes }) =>
        (nodes ?? [])
          .map(({ name }) => name)
          .sort()
          .join(' '),
    );
    const asked = [...clusters.values()].flatMap((members) => members[0]?.name ?? []);
    const path =
      '/api/queues?disable_stats=true&columns=' +
      'name,vhost,type,leader,node,slave_nodes,synchronised_slave_nodes';
    return Promise.all(
      told.map(async (answers) => {
        if (!asked.includes(answers.name)) return answers;
        const argv = ['/usr/local/sbin/mq-api', 'GET', path];
        const queues = await this.#json(answers.name, 'who leads its queues', argv, queuesAnswer);
        return { ...answers, queues };
      }),
    );
  }

  /** A failed health check exits non-zero, and its body is the answer: only the output counts. */
  #json<T>(
    host: string,
    subject: string | undefined,
    argv: readonly string[],
    schema: z.ZodType<T>,
    limit: Limit = 'question',
  ): Promise<T | undefined> {
    return this.#answer(host, subject, async () => {
      const { stdout, stderr } = await this.#run(host, argv, limit);
      return parseAnswer(schema, stdout, stderr);
    });
  }

  /** Without a subject nobody needs to be told that the answer is missing. */
  async #answer<T>(
    host: string,
    subject: string | undefined,
    ask: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (subject !== undefined) {
        this.warnings.push(`${host} did not say ${subject}: ${messageOf(error)}`);
      }
      return undefined;
    }
  }

  /** Keeps the deadline even where the channel cannot end a command that hangs. */
  async #run(host: string, argv: readonly string[], limit: Limit = 'question'): Promise<RunResult> {
    const { questionMs, totalMs } = this.#deadlines;
    const left = this.#start + totalMs - performance.now();
    const atMost = limit === 'question' ? Math.min(questionMs, left) : left;
    const timeoutMs = Math.max(1, Math.round(atMost));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
    });
    try {
      return await Promise.race([
        late,
        this.#channel.run(host, argv, { timeoutMs, exactly: true }),
      ]);
    } finally {
      clearTimeout(timer);
    }
  }
}
