import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { UserError } from '../../../infra/errors.ts';
import {
  destinationOf,
  inOrderOfClaims,
  listenOnFirstFree,
  portCandidates,
  rememberedPort,
} from '../../../infra/rig-provider/network/ports.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** Takes any free loopback port; returns its number. */
async function occupy(): Promise<number> {
  const server = createServer();
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

describe('candidates for a loopback port', () => {
  it('depend on stack and name alone', () => {
    const candidates = portCandidates('rig-quorum', 'amqp');
    expect(portCandidates('rig-quorum', 'amqp')).toEqual(candidates);
    expect(portCandidates('rig-quorum', 'management')[0]).not.toBe(candidates[0]);
    expect(portCandidates('rig-warren', 'amqp')[0]).not.toBe(candidates[0]);
  });

  it('begin with the remembered port and never repeat one', () => {
    const derived = portCandidates('rig-quorum', 'amqp');
    const candidates = portCandidates('rig-quorum', 'amqp', derived[3]);
    expect(candidates[0]).toBe(derived[3]);
    expect(new Set(candidates).size).toBe(candidates.length);
    expect(portCandidates('rig-quorum', 'amqp', 31_000).slice(0, 2)).toEqual([31_000, derived[0]]);
  });

  it('stay below the ports of outgoing connections', () => {
    const all = ['amqp', 'management', 'statistics'].flatMap((name) => portCandidates('s', name));
    expect(Math.min(...all)).toBeGreaterThanOrEqual(20_000);
    expect(Math.max(...all)).toBeLessThan(32_768);
  });
});

describe('a port', () => {
  const to = (name: string, port: number, rest: object = {}) => ({
    name,
    port,
    scheme: 'amqp',
    address: '10.77.0.10',
    ...rest,
  });
  const before = [
    { ...to('amqp', 5672), localPort: 20_001 },
    { ...to('management/broker-1', 15_672), localPort: 20_002 },
  ];

  it('stays with what it leads to, whatever that is called', () => {
    // As when TLS comes beside the plain listeners: the preferred service takes the name over.
    expect(rememberedPort(to('amqpPlain', 5672), before)).toBe(20_001);
    expect(rememberedPort(to('amqp', 5671), before)).toBeUndefined();
    expect(rememberedPort(to('management/broker-1', 15_672), before)).toBe(20_002);
    expect(rememberedPort(to('management/broker-2', 15_672), before)).toBeUndefined();
  });

  it('that is made anew is the one it had', () => {
    expect(destinationOf(to('amqpPlain', 5672))).toBe(destinationOf(to('amqp', 5672)));
    expect(destinationOf(to('amqp', 5671))).not.toBe(destinationOf(to('amqp', 5672)));
  });

  it('is opened after those that are stated or remembered', () => {
    const fresh = to('amqp', 5671);
    const plain = to('amqpPlain', 5672);
    const stated = to('statistics', 8100, { fixedPort: 20_003 });
    expect(inOrderOfClaims([fresh, plain, stated], before)).toEqual([stated, plain, fresh]);
  });
});

describe('listening on the first free port', () => {
  it('passes over ports that are taken', async () => {
    const taken = await occupy();
    const free = await occupy();
    open.pop()?.close();
    const { server, localPort } = await listenOnFirstFree('amqp', [taken, free]);
    open.push(server);
    expect(localPort).toBe(free);
  });

  it('says which ports it tried when none is free', async () => {
    const taken = await occupy();
    const failure = await listenOnFirstFree('amqp of rig', [taken]).catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as UserError).parts).toMatchObject({
      what: 'no free loopback port for amqp of rig',
      allowed: `one of ${taken}`,
    });
  });
});
