import { Connection } from 'rabbitmq-client';
import { expect } from 'vitest';
import { exec } from '../../../infra/rig-provider/exec.ts';
import { routerNamespace } from '../../../infra/rig-provider/names.ts';
import { doneWhen, waitFor } from '../../../infra/wait.ts';
import { clock } from '../../../scripts/bench/vip/clock.ts';
import { Prober } from '../../../scripts/bench/vip/prober.ts';
import {
  type Account,
  describeAccount,
  drainQueues,
  publishDuring,
  steadyClient,
} from '../ledger.ts';
import { declareQueue, publish } from './amqp.ts';
import { connectionNamed, type ListedConnection } from './clients.ts';
import { figure, ledgerFile } from './environments.ts';
import { powerOff } from './faults.ts';
import { otherBalancer } from './network.ts';
import type { RigStack } from './stack.ts';

/** Directors may be emulated machines, on a machine that has other work. */
const deadlineMs = 60_000;

interface DirectorStatus {
  readonly vip: boolean;
  readonly servers: readonly { backend: string; server: string; state: 'UP' | 'DOWN' }[];
}

async function statusOf(stack: RigStack, director: string): Promise<DirectorStatus> {
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

/** Waits until every director has a broker in its table for AMQP, or has it no more. */
export async function brokerIs(
  stack: RigStack,
  broker: string,
  state: 'UP' | 'DOWN',
): Promise<void> {
  for (const director of stack.hosts('balancer')) {
    await waitFor(
      async () => {
        const { servers } = await statusOf(stack, director);
        const found = servers.find(
          ({ backend, server }) => backend === 'amqp' && server === broker,
        );
        return doneWhen(found?.state === state, `it is ${found?.state ?? 'not listed'}`);
      },
      { subject: `${broker} to be ${state} on ${director}`, deadlineMs, intervalMs: 200 },
    );
  }
}

/** Packets for AMQP that a director has passed on: of clients, and of answers that came by it. */
interface Packets {
  readonly fromClients: number;
  readonly answers: number;
}

/** Waits until the holder has counted that many more packets of clients; its kernel counts every two seconds. */
export async function packetsAfter(
  stack: RigStack,
  before: Packets,
  more: number,
): Promise<Packets> {
  const holder = await holderOf(stack);
  return waitFor(
    async () => {
      const now = await packetsOf(stack, holder);
      return now.fromClients >= before.fromClients + more
        ? { done: true, value: now }
        : { seen: `${now.fromClients} packets` };
    },
    { subject: `${holder} to have passed ${more} packets on`, deadlineMs, intervalMs: 500 },
  );
}

export async function packetsOf(stack: RigStack, director: string): Promise<Packets> {
  const argv = ['ipvsadm', '--list', '--numeric', '--stats', '--exact'];
  const table = await stack.run(director, argv, deadlineMs);
  const service = `${stack.virtualAddress}:5672`;
  const line = table.split('\n').find((each) => each.startsWith('TCP') && each.includes(service));
  // TCP ADDRESS:PORT CONNECTIONS PACKETS-IN PACKETS-OUT BYTES-IN BYTES-OUT
  const [, , , fromClients, answers] = line?.trim().split(/\s+/).map(Number) ?? [];
  if (fromClients === undefined || answers === undefined) {
    throw new Error(`no ${service} in ${table}`);
  }
  return { fromClients, answers };
}

/** Opens connections through the directors, all at once, and returns how brokers saw them. */
export async function connectAll(
  stack: RigStack,
  uri: string,
  count: number,
): Promise<ListedConnection[]> {
  const connectionName = `rig test ${Math.round(clock())}`;
  const [asked = ''] = stack.hosts('broker');
  const connections: Connection[] = [];
  try {
    for (let made = 0; made < count; made += 1) {
      const connection = new Connection({ url: uri, connectionName, connectionTimeout: 10_000 });
      connection.on('error', () => undefined);
      connections.push(connection);
      await connection.onConnect(30_000);
    }
    return await waitFor(
      async () => {
        const all = await stack.api<ListedConnection[]>(asked, '/api/connections');
        const own = all.filter((one) => one.client_properties.connection_name === connectionName);
        return own.length === count
          ? { done: true, value: own }
          : { seen: `${own.length} of them` };
      },
      { subject: `${count} connections to be listed`, deadlineMs, intervalMs: 250 },
    );
  } finally {
    for (const connection of connections) connection.unsafeDestroy();
  }
}

/** How many of the connections each broker has, by the order of the brokers. */
export const shares = (stack: RigStack, seen: readonly ListedConnection[]): number[] =>
  stack
    .hosts('broker')
    .map((broker) => seen.filter(({ node }) => node.startsWith(`rabbit@${broker}.`)).length);

/** Waits until a director that does not lead a connection knows it all the same. */
async function isTold(stack: RigStack, director: string, connectionName: string): Promise<void> {
  const { peer_host, peer_port } = await connectionNamed(stack, connectionName);
  const client = `${peer_host}:${peer_port} `;
  await waitFor(
    async () => {
      const argv = ['ipvsadm', '--list', '--connection', '--numeric'];
      const lines = (await stack.run(director, argv, deadlineMs)).split('\n');
      const known = lines.filter((line) => line.includes('ESTABLISHED'));
      const told = known.some((line) => line.includes(client));
      return doneWhen(told, `it knows ${known.length} others`);
    },
    { subject: `${director} to be told of ${client.trim()}`, deadlineMs, intervalMs: 500 },
  );
}

/** Card that the router last heard the virtual address from. */
async function cardOfAddress(stack: RigStack): Promise<string> {
  const argv = ['ip', '-n', routerNamespace(stack.name), 'neigh', 'show', stack.virtualAddress];
  const { stdout } = await exec(argv);
  return /lladdr (\S+)/.exec(stdout)?.[1] ?? 'none';
}

type Pace = Pick<Partial<Parameters<typeof publishDuring>[0]>, 'ratePerSecond' | 'patience'>;

interface Loss extends Pace {
  readonly name: string;
  /** Whether the other director is to know the client's connection first. */
  readonly told: boolean;
  /** Takes the holder's power unless stated. */
  readonly leave?: (holder: string) => Promise<unknown>;
}

/** Has the holder leave while a client publishes; what it cost that client. */
export async function loseHolder(
  stack: RigStack,
  uri: string,
  { name, told, leave = (host) => powerOff(stack, [host]), ...pace }: Loss,
): Promise<Account> {
  const holder = await holderOf(stack);
  const other = otherBalancer(stack, holder);
  const queues = ['rig.directed-1', 'rig.directed-2', 'rig.directed-3'];
  const client = steadyClient({ uri, queues, file: ledgerFile(`lvs-${name}`), ...pace });
  const prober = new Prober(stack.name, stack.virtualAddress, 5672);
  try {
    const account = await publishDuring(client, async (publisher) => {
      if (told) await isTold(stack, other, publisher.connectionName);
      await prober.steady(20, deadlineMs);
      const before = await cardOfAddress(stack);
      const lostAt = clock();
      await leave(holder);
      const movedMs = await addressLeaves(stack, before, lostAt);
      const { answeredAt } = await prober.firstAfter(clock(), deadlineMs);
      figure(`${name}: VIP at the other director after, ms`, Math.round(movedMs));
      figure(`${name}: new connection answered after, ms`, Math.round(answeredAt - lostAt));
      await publisher.moreConfirms(200, deadlineMs);
    });
    figure(`${name}: director left`, describeAccount(account));
    return account;
  } finally {
    prober.stop();
  }
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

/**
 * Clients reach every broker, which see them as `seenAs`, and what they send is passed on by the holder.
 * @returns how many packets of answers came by it
 */
export async function answersOnTheWay(
  stack: RigStack,
  uri: string,
  seenAs: readonly string[],
): Promise<number> {
  const seen = await connectAll(stack, uri, 6);
  expect(Math.min(...shares(stack, seen))).toBeGreaterThan(0);
  for (const { peer_host } of seen) expect(seenAs).toContain(peer_host);
  const queue = 'rig.path';
  await declareQueue(uri, queue);
  const before = await packetsOf(stack, await holderOf(stack));
  const bodies = Array.from({ length: 100 }, (_, index) => `message ${index}`);
  await publish(uri, queue, bodies);
  const after = await packetsAfter(stack, before, 10);
  expect(await drainQueues({ uri, queues: [queue], deadlineMs: 20_000 })).toHaveLength(100);
  return after.answers - before.answers;
}

/** What being a real server changes on a broker, in whichever mode. */
export const tracesOn = (stack: RigStack, host: string): Promise<string> =>
  stack.run(host, [
    'sh',
    '-c',
    `echo addresses: $(ip -o -4 address show | awk '$2 != "eth0" { print $4 }')
     echo tunnels: $(ip -o link show lvs 2> /dev/null | wc -l)
     echo rules: $(ip rule | cut -d: -f1), routes: $(ip route show table 77 2> /dev/null)
     cd /proc/sys/net/ipv4/conf
     echo settings: $(cat all/arp_ignore all/arp_announce)`,
  ]);

/** As it is on a host that never was one. */
export const noTraces = [
  'addresses: 127.0.0.1/8',
  'tunnels: 0',
  'rules: 0 32766 32767, routes:',
  'settings: 0 0',
  '',
].join('\n');
