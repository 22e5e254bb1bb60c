import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../../infra/rig-provider/process.ts';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { defaultBackend } from './backend.ts';

/** A process as `/proc` shows it. */
interface Found {
  readonly identity: ProcessIdentity;
  readonly parent: number;
  readonly group: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** The kernel's unit of start times as user space sees it: the same on every Linux architecture. */
const ticksPerSecond = 100;
/** Between the clock that dates a lock and the kernel's, which counts whole seconds from the boot. */
const clockToleranceMs = 2_000;

/**
 * Ends the language hosts that an update of the stack left behind when it was killed: they wait for
 * an engine for ever. Only those that are provably its own: started for this stack and this backend,
 * not before the update took its lock, and without a Pulumi above them.
 * @param since when the first of the stale locks was taken, in milliseconds since 1970
 * @returns how many were ended
 */
export async function endOrphans(stack: string, since: number): Promise<number> {
  const bootedAt = await readBootTime();
  const candidates = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  let ended = 0;
  for (const pid of candidates) {
    const found = await findOrphan(pid, stack, bootedAt);
    if (found === undefined || found.startedAt < since - clockToleranceMs) continue;
    await end(found);
    ended += 1;
  }
  return ended;
}

async function findOrphan(
  pid: number,
  stack: string,
  bootedAt: number,
): Promise<Found | undefined> {
  try {
    const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    if (basename(program) !== 'pulumi-language-nodejs') return undefined;
    const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
    const wanted = [`PULUMI_STACK=${stack}`, `PULUMI_BACKEND_URL=${defaultBackend}`];
    if (!wanted.every((entry) => environment.includes(entry))) return undefined;
    const identity = identify(pid);
    if (identity === undefined) return undefined;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startedAt = bootedAt + (Number(identity.startTime) / ticksPerSecond) * 1000;
    if ((await nameOf(Number(parent))) === 'pulumi') return undefined;
    return { identity, parent: Number(parent), group: Number(group), startedAt };
  } catch {
    // It ended while we looked, or is not ours to look at.
    return undefined;
  }
}

async function nameOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
}

async function readBootTime(): Promise<number> {
  const seconds = /^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8'))?.[1];
  return Number(seconds ?? 0) * 1000;
}

/** With all of its process group where it leads one, as Pulumi starts it: the program is in it. */
async function end({ identity, group }: Found): Promise<void> {
  const { pid } = identity;
  if (!isAlive(identity)) return;
  process.kill(group === pid ? -pid : pid, 'SIGKILL');
  await waitFor(() => Promise.resolve(doneWhen(!isAlive(identity), `process ${pid} is there`)), {
    subject: `language host ${pid} of a killed update to end`,
    deadlineMs: 5_000,
    intervalMs: 20,
  });
}
