import { container } from '../../../infra/rig-provider/containers/container.ts';
import { waitFor } from '../../../infra/wait.ts';
import { brokerPorts } from '../../../infra/plan/ports.ts';
import { clock } from './clock.ts';
import { type Environment, execOn } from './environments.ts';
import { Prober } from './prober.ts';

/** One move of the virtual address, in milliseconds. */
export interface Move {
  /** From the holder's end to a connection through the new one. */
  readonly whole: number;
  /** From there until the new holder is master, by VRRP. */
  readonly detection: number;
  /** From there until EC2 leads the address to it; 0 where nothing has to be told. */
  readonly api: number;
  /** From there until the first connection is answered. */
  readonly firstConnection: number;
}

const balancers = ['balancer-1', 'balancer-2'] as const;
const deadlineMs = 60_000;
const restartMs = 120_000;

/** Takes the holder's power, waits for the other one, and gives the first its power back. */
export async function measureMove(environment: Environment): Promise<Move> {
  const { plan, rigStack } = environment;
  const address = plan.virtualAddresses[0]?.address ?? '';
  const holder = await holderOf(environment, address);
  const other = balancers.find((name) => name !== holder) ?? '';
  await standsBy(environment, other);
  const prober = new Prober(rigStack, address, brokerPorts.amqp);
  try {
    await prober.steady(20, deadlineMs);
    const calls = environment.calls().length;
    const lostAt = clock();
    await container.stop({ stack: rigStack, name: environment.rigHost(holder) });
    // What is begun from here on cannot be answered by the one that is lost.
    const { answeredAt } = await prober.firstAfter(clock(), deadlineMs);
    const masterAt = await masterSince(environment, other, lostAt);
    const toldAt = environment
      .calls()
      .slice(calls)
      .filter(({ name, status }) => name === 'ec2:ReplaceRoute' && status === 200)
      .map(({ at }) => Date.parse(at))
      .filter((at) => at <= answeredAt)
      .at(-1);
    const ledAt = Math.max(masterAt, toldAt ?? masterAt);
    await environment.restart(holder);
    await standsBy(environment, holder);
    return {
      whole: answeredAt - lostAt,
      detection: masterAt - lostAt,
      api: ledAt - masterAt,
      firstConnection: answeredAt - ledAt,
    };
  } finally {
    prober.stop();
  }
}

const holderOf = (environment: Environment, address: string): Promise<string> =>
  waitFor(
    async () => {
      const shown = await Promise.all(
        balancers.map((host) =>
          execOn(environment, host, ['ip', '-4', '-o', 'address', 'show', 'to', address]),
        ),
      );
      const holders = balancers.filter((_, index) => shown[index] !== '');
      const [holder] = holders;
      return holder !== undefined && holders.length === 1
        ? { done: true, value: holder }
        : { seen: `${address} is on ${holders.join(', ') || 'nobody'}` };
    },
    { subject: 'one holder of the virtual address', deadlineMs, intervalMs: 200 },
  );

/** Messages of Keepalived since a moment of `clock`, or since the host booted. */
async function keepalivedSaid(
  environment: Environment,
  host: string,
  since?: number,
): Promise<{ at: number; text: string }[]> {
  const output = await execOn(environment, host, [
    ...['journalctl', '--boot', '--quiet', '--output=json', '--identifier=Keepalived_vrrp'],
    ...(since === undefined ? [] : [`--since=@${(since / 1000).toFixed(3)}`]),
  ]);
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { MESSAGE: string; __REALTIME_TIMESTAMP: string })
    .map((entry) => ({ at: Number(entry.__REALTIME_TIMESTAMP) / 1000, text: entry.MESSAGE }));
}

/** Until the host would take the address: it is what Keepalived said last. */
async function standsBy(environment: Environment, host: string): Promise<void> {
  await waitFor(
    async () => {
      try {
        const said = await keepalivedSaid(environment, host);
        const last = said.findLast(({ text }) => /Entering \w+ STATE/.test(text))?.text ?? '';
        return last.includes('BACKUP') ? { done: true, value: true } : { seen: last };
      } catch (error) {
        // It boots.
        return { seen: String(error) };
      }
    },
    { subject: `${host} to stand by`, deadlineMs: restartMs, intervalMs: 200 },
  );
}

const masterSince = (environment: Environment, host: string, moment: number): Promise<number> =>
  waitFor(
    async () => {
      const said = await keepalivedSaid(environment, host, moment);
      const found = said.find(({ text }) => text.includes('Entering MASTER STATE'));
      return found === undefined
        ? { seen: said.map(({ text }) => text).join('; ') }
        : { done: true, value: found.at };
    },
    { subject: `${host} to say that it is master`, deadlineMs, intervalMs: 100 },
  );
