import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { forwarderGroup, makeCgroup, memberCgroup, removeCgroup } from '../cgroup.ts';
import { tail } from '../exec.ts';
import { namespacePath, routerNamespace, stackRun } from '../names.ts';
import { identify, type ProcessIdentity } from '../process.ts';
import { whenReady } from '../ready-child.ts';
import { portTaken } from './port-holder.ts';
import {
  destinationOf,
  inOrderOfClaims,
  type Listening,
  listenOnFirstFree,
  portCandidates,
  rememberedPort,
  tryListen,
} from './ports.ts';
import type { Forward, ForwardInput } from './records.ts';

export interface Forwarding {
  readonly forwards: Forward[];
  readonly forwarder: ProcessIdentity | undefined;
}

const logFileOf = (stack: string): string => join(stackRun(stack), 'forwarder.log');

/** Ends the stack's forwarder, if there is one, and with it its loopback ports and its log. */
export async function stopForwarding(stack: string): Promise<void> {
  await removeCgroup(memberCgroup(stack, forwarderGroup));
  rmSync(logFileOf(stack), { force: true });
}

/**
 * Opens a loopback port for each forward, the remembered one where it is free, and starts the
 * process that carries them. Connections of an earlier forwarder are cut.
 */
export async function startForwarding(
  stack: string,
  wanted: readonly ForwardInput[],
  remembered: readonly Forward[],
): Promise<Forwarding> {
  await stopForwarding(stack);
  if (wanted.length === 0) return { forwards: [], forwarder: undefined };
  const opened = new Map<string, Listening>();
  try {
    for (const forward of inOrderOfClaims(wanted, remembered)) {
      opened.set(forward.name, await openPort(stack, forward, remembered));
    }
    const listening = wanted.flatMap(({ name }) => opened.get(name) ?? []);
    const forwarder = await launch(stack, wanted, listening);
    const forwards = wanted.map((forward, i) => ({
      ...forward,
      localPort: listening[i]?.localPort ?? 0,
    }));
    return { forwards, forwarder };
  } finally {
    // The forwarder holds its own copies; the ports stay open through them.
    for (const { server } of opened.values()) server.close();
  }
}

async function openPort(
  stack: string,
  forward: ForwardInput,
  remembered: readonly Forward[],
): Promise<Listening> {
  const { name, fixedPort } = forward;
  if (fixedPort === undefined) {
    const candidates = portCandidates(
      stack,
      destinationOf(forward),
      rememberedPort(forward, remembered),
    );
    return listenOnFirstFree(`${name} of ${stack}`, candidates);
  }
  const listening = await tryListen(fixedPort);
  if (listening === undefined) throw await portTaken(stack, name, fixedPort);
  return { server: listening, localPort: fixedPort };
}

/** Node has no public way to hand a listening socket to a program other than its own child. */
function descriptorOf(server: Server): number {
  return (server as unknown as { _handle: { fd: number } })._handle.fd;
}

async function launch(
  stack: string,
  wanted: readonly ForwardInput[],
  opened: readonly Listening[],
): Promise<ProcessIdentity> {
  const group = memberCgroup(stack, forwarderGroup);
  makeCgroup(group);
  mkdirSync(stackRun(stack), { recursive: true, mode: 0o700 });
  const logFile = logFileOf(stack);
  const log = openSync(logFile, 'w', 0o600);
  // 0 to 2 are taken: the sockets follow.
  const listeners = wanted.map(({ address, port }, i) => ({ fd: 3 + i, address, port }));
  const script = 'echo $$ > "$1/cgroup.procs"; shift; exec nsenter "$@"';
  const child = spawn(
    'sh',
    [
      ...['-c', script, 'forwarder', group, `--net=${namespacePath(routerNamespace(stack))}`],
      ...[process.execPath, '--max-semi-space-size=1', '--max-old-space-size=64'],
      ...[join(import.meta.dirname, 'forwarder.ts'), JSON.stringify(listeners)],
    ],
    {
      detached: true,
      cwd: '/',
      stdio: ['ignore', 'pipe', log, ...opened.map(({ server }) => descriptorOf(server))],
    },
  );
  closeSync(log);
  await whenReady(child, 'forwarder', () => tail(readFileSync(logFile, 'utf8')));
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw new Error(`forwarder of ${stack} ended at once: ${logFile}`);
  child.unref();
  return identity;
}
