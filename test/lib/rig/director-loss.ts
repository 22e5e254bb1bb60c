import { exec } from '../../../infra/rig-provider/exec.ts';
import { routerNamespace } from '../../../infra/rig-provider/names.ts';
import { doneWhen, waitFor } from '../../../infra/wait.ts';
import { clock } from '../../../scripts/bench/vip/clock.ts';
import { Prober } from '../../../scripts/bench/vip/prober.ts';
import { type Account, publishDuring, steadyClient } from '../ledger.ts';
import type { ListedConnection } from './clients.ts';
import { ledgerFile } from './environments.ts';
import { powerOff } from './faults.ts';
import { IdleConnections } from './idle-connections.ts';
import { otherBalancer } from './network.ts';
import type { RigStack } from './stack.ts';

/** Directors may be emulated machines, on a machine that has other work. */
export const deadlineMs = 60_000;

export interface DirectorStatus {
  readonly vip: boolean;
  readonly servers: readonly { backend: string; server: string; state: 'UP' | 'DOWN' }[];
}

export async function statusOf(stack: RigStack, director: string): Promise<DirectorStatus> {
  return JSON.parse(await stack.run(director, ['balancer-status'], deadlineMs)) as DirectorStatus;
}

/** The one director that carries the virtual address, as directors themselves tell. */
export function holderOf(stack: RigStack): Promise<string> {
  return waitFor(
    async () => {
      const directors = stack.hosts('balancer');
      const statuses = await Promise.all(directors.map((host) => statusOf(stack, host)));
      const holders = directors.filter((_, index) => statuses[index]?.vip);
      const [holder] = holders;
      return holder !== undefined && holders.length === 1
        ? { done: true, value: holder }
        : { seen: `it is on ${holders.join(' and ') || 'no host'}` };
    },
    { subject: 'one holder of the virtual address', deadlineMs, intervalMs: 200 },
  );
}

type Pace = Pick<Partial<Parameters<typeof publishDuring>[0]>, 'ratePerSecond' | 'patience'>;

export interface Leave extends Pace {
  /** Of its ledger. */
  readonly name: string;
  /** Whether the other director is to know every connection first. */
  readonly told: boolean;
  /** Takes the holder's power unless stated. */
  readonly leave?: (holder: string) => Promise<unknown>;
}

/** What it cost clients that the director with the virtual address left. Times count from there, in milliseconds. */
export interface DirectorLoss {
  /** The director that has the address now. */
  readonly heir: string;
  /** Until the router heard the address from the heir. */
  readonly movedMs: number;
  /** Until a new connection was answered, of one every 50 ms. */
  readonly answeredMs: number;
  /** Of a client that published meanwhile. */
  readonly account: Account;
  /** Connections that stood before, that of the publisher among them. */
  readonly stood: number;
  /** How many of them did not survive. */
  readonly lost: number;
}

/** Beside the publisher, so that every broker has some. */
const idleConnections = 10;

/** Has the holder of the address leave while a client publishes and others are idle. */
export async function loseDirector(
  stack: RigStack,
  uri: string,
  { name, told, leave = (host) => powerOff(stack, [host]), ...pace }: Leave,
): Promise<DirectorLoss> {
  const holder = await holderOf(stack);
  const heir = otherBalancer(stack, holder);
  const queues = ['rig.directed-1', 'rig.directed-2', 'rig.directed-3'];
  const client = steadyClient({ uri, queues, file: ledgerFile(`lvs-${name}`), ...pace });
  const prober = new Prober(stack.name, stack.virtualAddress, 5672);
  const idle = new IdleConnections(uri, idleConnections);
  const seen = { movedMs: NaN, answeredMs: NaN, idleLost: NaN };
  try {
    await idle.open();
    const account = await publishDuring(client, async (publisher) => {
      const names = [publisher.connectionName, idle.connectionName];
      if (told) await isTold(stack, heir, { names, count: idle.count + 1 });
      await prober.steady(20, deadlineMs);
      const before = await cardOfAddress(stack);
      const lostAt = clock();
      await leave(holder);
      seen.movedMs = await addressLeaves(stack, before, lostAt);
      const { answeredAt } = await prober.firstAfter(lostAt + seen.movedMs, deadlineMs);
      seen.answeredMs = answeredAt - lostAt;
      await publisher.moreConfirms(200, deadlineMs);
      seen.idleLost = await idle.lost();
    });
    const { movedMs, answeredMs, idleLost } = seen;
    const lost = idleLost + (account.reconnects > 0 ? 1 : 0);
    return { heir, movedMs, answeredMs, account, stood: idle.count + 1, lost };
  } finally {
    prober.stop();
    idle.close();
  }
}

/** Waits until a director that does not lead connections knows them all the same. */
async function isTold(
  stack: RigStack,
  director: string,
  { names, count }: { readonly names: readonly string[]; readonly count: number },
): Promise<void> {
  const [asked = ''] = stack.hosts('broker');
  await waitFor(
    async () => {
      const listed = await stack.api<ListedConnection[]>(asked, '/api/connections');
      const clients = listed
        .filter(({ client_properties: { connection_name = '' } }) =>
          names.includes(connection_name),
        )
        .map(({ peer_host, peer_port }) => `${peer_host}:${peer_port} `);
      if (clients.length !== count) return { seen: `brokers list ${clients.length}` };
      const argv = ['ipvsadm', '--list', '--connection', '--numeric'];
      const lines = (await stack.run(director, argv, deadlineMs)).split('\n');
      const known = lines.filter((line) => line.includes('ESTABLISHED'));
      const told = clients.filter((client) => known.some((line) => line.includes(client)));
      return doneWhen(told.length === count, `it knows ${told.length} of them`);
    },
    { subject: `${director} to be told of ${count} connections`, deadlineMs, intervalMs: 500 },
  );
}

/** Card that the router last heard the virtual address from. */
async function cardOfAddress(stack: RigStack): Promise<string> {
  const argv = ['ip', '-n', routerNamespace(stack.name), 'neigh', 'show', stack.virtualAddress];
  const { stdout } = await exec(argv);
  return /lladdr (\S+)/.exec(stdout)?.[1] ?? 'none';
}

/** Waits until the router hears the address from another card. @returns milliseconds since `lostAt` */
async function addressLeaves(stack: RigStack, before: string, lostAt: number): Promise<number> {
  return waitFor(
    async () => {
      const now = await cardOfAddress(stack);
      return now !== before && now !== 'none'
        ? { done: true, value: clock() - lostAt }
        : { seen: `it is ${now}` };
    },
    { subject: 'another card to have the virtual address', deadlineMs, intervalMs: 10 },
  );
}
