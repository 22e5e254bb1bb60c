import { Connection } from 'rabbitmq-client';
import { expect } from 'vitest';
import { doneWhen, waitFor } from '../../../infra/wait.ts';
import { clock } from '../../../scripts/bench/vip/clock.ts';
import { describeAccount, drainQueues } from '../ledger.ts';
import { declareQueue, publish } from './amqp.ts';
import type { ListedConnection } from './clients.ts';
import {
  deadlineMs,
  type DirectorLoss,
  holderOf,
  type Leave,
  loseDirector,
  statusOf,
} from './director-loss.ts';
import { figure } from './environments.ts';
import type { RigStack } from './stack.ts';

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

/** Has the holder of the address leave; its figures are shown. */
export async function loseHolder(
  stack: RigStack,
  uri: string,
  leave: Leave,
): Promise<DirectorLoss> {
  const loss = await loseDirector(stack, uri, leave);
  const { name } = leave;
  figure(`${name}: VIP at the other director after, ms`, Math.round(loss.movedMs));
  figure(`${name}: new connection answered after, ms`, Math.round(loss.answeredMs));
  figure(`${name}: connections lost`, `${loss.lost} of ${loss.stood}`);
  figure(`${name}: director left`, describeAccount(loss.account));
  return loss;
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
