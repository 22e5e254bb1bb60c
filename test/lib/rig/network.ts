import { setTimeout as pause } from 'node:timers/promises';
import { exec, must } from '../../../infra/rig-provider/exec.ts';
import { hostNamespace, linkName, routerNamespace } from '../../../infra/rig-provider/names.ts';
import { doneWhen, waitFor } from '../../../infra/wait.ts';
import type { RigStack } from './stack.ts';

/** What became of one attempt to connect. */
export type Connection = 'open' | 'refused' | 'silent';

/** Connects from the router, as a client of the environment, without any host's help. */
export async function connectAsClient(
  stack: RigStack,
  address: string,
  port: number,
): Promise<Connection> {
  const attempt = 'exec 3<>"/dev/tcp/$1/$2"';
  const { code, stderr } = await exec(
    [
      ...['ip', 'netns', 'exec', routerNamespace(stack.name)],
      ...['timeout', '1', 'bash', '-c', attempt, 'attempt', address, String(port)],
    ],
    { timeoutMs: 10_000 },
  );
  if (code === 0) return 'open';
  // No answer to ARP is silence too.
  return stderr.includes('refused') ? 'refused' : 'silent';
}

/** Waits until a client gets through: on a busy machine one attempt may be late, and look silent. */
export async function opensToClients(
  stack: RigStack,
  address: string,
  port: number,
): Promise<void> {
  await waitFor(
    async () => {
      const seen = await connectAsClient(stack, address, port);
      return doneWhen(seen === 'open', seen);
    },
    { subject: `${address}:${port} to be open to clients`, deadlineMs: 10_000, intervalMs: 100 },
  );
}

/** Hosts whose interface carries the virtual address, seen from outside of the hosts. */
export async function vipHolders(stack: RigStack): Promise<string[]> {
  const holders: string[] = [];
  for (const host of stack.hosts('balancer')) {
    const { code, stdout } = await exec([
      ...['ip', '-n', hostNamespace(stack.name, host), '-o', '-4'],
      ...['addr', 'show', 'to', `${stack.virtualAddress}/32`],
    ]);
    // A host that was killed may have taken its namespace along.
    if (code === 0 && stdout.trim() !== '') holders.push(host);
  }
  return holders;
}

/** @throws when there is none or more than one. */
export async function vipHolder(stack: RigStack): Promise<string> {
  const holders = await vipHolders(stack);
  const [holder] = holders;
  if (holder === undefined || holders.length > 1) {
    throw new Error(`the virtual address is on ${holders.join(' and ') || 'no host'}`);
  }
  return holder;
}

/** Waits until `host` holds the virtual address. @returns milliseconds. */
export async function vipMovesTo(
  stack: RigStack,
  host: string,
  deadlineMs: number,
): Promise<number> {
  const started = performance.now();
  return waitFor(
    async () => {
      const holders = await vipHolders(stack);
      return holders.includes(host)
        ? { done: true, value: Math.round(performance.now() - started) }
        : { seen: `it is on ${holders.join(' and ') || 'no host'}` };
    },
    { subject: `the virtual address on ${host}`, deadlineMs, intervalMs: 20 },
  );
}

/** Waits until exactly one host holds the address, and sees it so for `forMs` without a break. */
export async function oneHolderStays(
  stack: RigStack,
  options: { readonly forMs: number; readonly deadlineMs: number },
): Promise<string> {
  let since = performance.now();
  let seen = '';
  return waitFor(
    async () => {
      const now = (await vipHolders(stack)).join(' and ');
      if (now !== seen) since = performance.now();
      seen = now;
      const single = seen !== '' && !seen.includes(' and ');
      return single && performance.now() - since >= options.forMs
        ? { done: true, value: seen }
        : { seen: `it is on ${seen || 'no host'}` };
    },
    { subject: 'one lasting holder', deadlineMs: options.deadlineMs, intervalMs: 50 },
  );
}

/** Looks at the holders again and again until it is ended. */
export function watchVip(stack: RigStack): { end: () => Promise<Set<string>> } {
  const seen = new Set<string>();
  const stop = new AbortController();
  const watching = (async (): Promise<void> => {
    while (!stop.signal.aborted) {
      seen.add((await vipHolders(stack)).join(' and ') || 'no host');
      await pause(100);
    }
  })();
  return {
    end: async () => {
      stop.abort();
      await watching;
      return seen;
    },
  };
}

/** The other balancer. */
export function otherBalancer(stack: RigStack, host: string): string {
  const other = stack.hosts('balancer').find((name) => name !== host);
  if (other === undefined) throw new Error(`${stack.name} has no balancer beside ${host}`);
  return other;
}

/** Pulls the host's cable: it lives on and hears nothing. Proven by what does not come through. */
export async function cutOff(stack: RigStack, host: string, port: number): Promise<void> {
  const address = stack.addressOf(host);
  const before = await connectAsClient(stack, address, port);
  if (before === 'silent') throw new Error(`${host}:${port} was silent before it was cut off`);
  await setLink(stack, host, 'down');
}

/** @throws when the host still answers: then the fault was none. */
export async function proveCutOff(stack: RigStack, host: string, port: number): Promise<void> {
  const after = await connectAsClient(stack, stack.addressOf(host), port);
  if (after !== 'silent') throw new Error(`${host}:${port} is ${after} although it was cut off`);
}

export const reconnect = (stack: RigStack, host: string): Promise<void> =>
  setLink(stack, host, 'up');

async function setLink(stack: RigStack, host: string, state: 'up' | 'down'): Promise<void> {
  await must(['ip', '-n', routerNamespace(stack.name), 'link', 'set', linkName(host), state]);
}

/**
 * Loses every packet between a host and another one, or those of one TCP port; both still reach everyone
 * else. It lasts until `joinAgain`, or the host's end.
 */
export async function part(
  stack: RigStack,
  host: string,
  other: string,
  port?: number,
): Promise<void> {
  const chain = (hook: 'input' | 'output', end: 'saddr' | 'daddr'): string => {
    const packets = port === undefined ? [''] : [`tcp sport ${port} `, `tcp dport ${port} `];
    const rules = packets.map((each) => `ip ${end} ${stack.addressOf(other)} ${each}drop; `);
    return `chain ${hook} { type filter hook ${hook} priority -200; ${rules.join('')}}`;
  };
  const table = `table inet parted { ${chain('input', 'saddr')}; ${chain('output', 'daddr')}; }`;
  await stack.run(host, ['nft', table]);
}

/** Ends what `part` began. */
export async function joinAgain(stack: RigStack, host: string): Promise<void> {
  await stack.run(host, ['nft', 'delete', 'table', 'inet', 'parted']);
}
