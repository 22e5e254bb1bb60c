import { brokerPorts } from '../../../infra/plan/ports.ts';
import type { EndpointPlan, EnvironmentPlan } from '../../../infra/plan/model.ts';
import { clusterAnswer, brokerHostOf } from '../../../infra/operations/cluster/answers.ts';
import { clusterProgram } from '../../../infra/operations/cluster/ask.ts';
import { runtimeFor, stopHost } from '../../../infra/rig-provider/host-life.ts';
import { waitFor } from '../../../infra/wait.ts';
import { clock } from '../vip/clock.ts';
import { Prober } from '../vip/prober.ts';

/** One loss of a host, in milliseconds. */
export interface TakeOver {
  /** From the host's end to a connection that was begun after it and answered. */
  readonly outage: number;
  /** From the wish to have the host dead to the proof that it is. */
  readonly fence: number;
  readonly mount: number;
  readonly start: number;
}

interface Line {
  readonly at: number;
  readonly text: string;
}

const wholeMs = 600_000;
const takeOverMs = 600_000;

/** Takes the power of the host with the broker and reads from the other one's journal what it did. */
export async function measureTakeOver(plan: EnvironmentPlan): Promise<TakeOver> {
  const { stack } = plan;
  const hosts = plan.hosts.filter(({ roles }) => roles.includes('broker')).map(({ name }) => name);
  const lost = await whole(stack, hosts);
  const other = hosts.find((name) => name !== lost) ?? '';
  const [{ address }] = requireEndpoint(plan).servers;
  const prober = new Prober(stack, address, brokerPorts.amqp);
  try {
    await prober.steady(20, wholeMs);
    const before = (await journalOf(stack, other)).length;
    await stopHost({ stack, name: lost });
    const lostAt = clock();
    const { answeredAt } = await prober.firstAfter(lostAt, takeOverMs);
    const said = await waitFor(
      async () => {
        const lines = (await journalOf(stack, other)).slice(before);
        const done = lines.some(({ text }) => startOf('broker').to.test(text));
        return done ? { done: true, value: lines } : { seen: lines.at(-1)?.text ?? 'nothing' };
      },
      { subject: `${other} to say that the broker started`, deadlineMs: wholeMs, intervalMs: 500 },
    );
    const took = (step: { from: RegExp; to: RegExp }): number => durationOf(said, step);
    return {
      outage: answeredAt - lostAt,
      fence: took({ from: /Requesting fencing \(off\)/, to: /Operation 'off' targeting .*: OK/ }),
      mount: took(startOf('file-system')),
      start: took(startOf('broker')),
    };
  } finally {
    prober.stop();
  }
}

function requireEndpoint({ stack, endpoints }: EnvironmentPlan): EndpointPlan {
  const endpoint = endpoints.find(({ name }) => name === 'amqp');
  if (endpoint === undefined) throw new Error(`${stack} has no endpoint amqp`);
  return endpoint;
}

const startOf = (resource: string) => ({
  from: new RegExp(`Requesting local execution of start operation for ${resource} `),
  to: new RegExp(`Result of start operation for ${resource} .*OK`, 'i'),
});

/** From the first line that says one thing to the next one that says the other. @throws when one is missing */
function durationOf(lines: readonly Line[], { from, to }: { from: RegExp; to: RegExp }): number {
  const began = lines.findIndex(({ text }) => from.test(text));
  const ended = lines.slice(began).find(({ text }) => to.test(text));
  const first = lines[began];
  if (first === undefined || ended === undefined) {
    throw new Error(
      `the journal has no ${String(first === undefined ? from : to)} in ${lines.length} lines`,
    );
  }
  return ended.at - first.at;
}

/** What Pacemaker says on a host that boots once. */
async function journalOf(stack: string, host: string): Promise<Line[]> {
  const output = await execOn(stack, host, [
    ...['journalctl', '--boot', '--quiet', '--output=json', '--unit=pacemaker.service'],
  ]);
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { MESSAGE: string; __MONOTONIC_TIMESTAMP: string })
    .map((entry) => ({ at: Number(entry.__MONOTONIC_TIMESTAMP) / 1000, text: entry.MESSAGE }));
}

/** Waits until one host has the broker and both have the disk. @returns the host with the broker */
const whole = (stack: string, hosts: readonly string[]): Promise<string> =>
  waitFor(
    async () => {
      const answers = await Promise.all(
        hosts.map(async (host) => {
          const said = await execOn(stack, host, [clusterProgram]);
          return clusterAnswer.parse(JSON.parse(said));
        }),
      );
      const [holder] = answers.map((answer) => brokerHostOf(answer));
      const copies = answers.map(({ disk }) => `${disk?.connection}, ${disk?.state}`);
      return holder !== undefined && copies.every((copy) => copy === 'Connected, UpToDate')
        ? { done: true, value: holder }
        : { seen: `the broker on ${holder ?? 'no host'}, copies ${copies.join(' and ')}` };
    },
    { subject: `both copies of ${stack}`, deadlineMs: wholeMs, intervalMs: 1_000 },
  );

async function execOn(stack: string, name: string, argv: readonly string[]): Promise<string> {
  const host = { stack, name };
  const { code, stdout, stderr } = await runtimeFor(host).exec(host, argv, { timeoutMs: 60_000 });
  if (code === 0) return stdout;
  throw new Error(`${argv.join(' ')} on ${name}: exit ${code}: ${stderr}`);
}
