/**
 * A machine that has booted as far as it can before it knows who it is, saved: memory, devices and disk.
 * Hosts go on from there. Emulated, that takes a seventh of the processor time of a boot.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { withCacheLock } from '../../cache-lock.ts';
import { doneWhen, type Look, waitFor } from '../../wait.ts';
import { must, tail } from '../exec.ts';
import { cleanEnvironment } from '../host-process.ts';
import { machineParts } from '../images/store.ts';
import { say } from '../say.ts';
import type { Acceleration } from './acceleration.ts';
import { type Board, boardCommand, program, templatesOf } from './qemu.ts';

/** Files of a template. */
export const templateParts = { disk: 'disk.qcow2', state: 'state' } as const;

/** What the image's identity unit says on the console where it finds no identity. */
const readyLine = 'rig: waits for an identity';

/** An emulated boot takes 20 s of processor time. */
const bootMs = 6 * 60_000;
const saveMs = 60_000;

/**
 * The saved template of a board, made first where it is missing: a folder (see {@link templateParts}).
 * Several processes may ask at once. With KVM a boot takes no longer than a state is worth: none is made.
 */
export async function ensureTemplate(
  board: Board,
  acceleration: Acceleration,
): Promise<string | undefined> {
  if (acceleration === 'kvm') return undefined;
  const folder = join(templatesOf(board), await keyOf(board, acceleration));
  if (existsSync(folder)) return folder;
  return withCacheLock(
    `template-${basename(folder)}`,
    () => {
      say('another process saves the state that this machine starts from; waiting');
    },
    async () => {
      if (!existsSync(folder)) await makeTemplate(board, acceleration, folder);
      return folder;
    },
  );
}

/** A state is good for the program that saved it, and for a machine that is put together alike. */
async function keyOf(board: Board, acceleration: Acceleration): Promise<string> {
  const version = await must([program, '--version']);
  const hash = createHash('sha256').update(
    JSON.stringify([version, boardCommand(board, acceleration, '')]),
  );
  return `${board.memoryMiB}M-${board.cpus}-${hash.digest('hex').slice(0, 12)}`;
}

/** Made beside its place and moved there when it is whole. */
async function makeTemplate(
  board: Board,
  acceleration: Acceleration,
  folder: string,
): Promise<void> {
  say(`saving the state that machines of ${board.memoryMiB} MiB start from, once for this image`);
  mkdirSync(templatesOf(board), { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(templatesOf(board), '.making-'));
  try {
    const backing = join(board.image, machineParts.disk);
    const disk = join(work, templateParts.disk);
    await must(['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', backing, disk]);
    await bootAndSave(boardCommand(board, acceleration, disk), work);
    await rm(join(work, 'console.log'));
    await rm(join(work, 'qemu.log'));
    await rename(work, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function bootAndSave(board: readonly string[], work: string): Promise<void> {
  const log = openSync(join(work, 'qemu.log'), 'w', 0o600);
  // It ends with this process, whatever ends that.
  const argv = ['--pdeathsig', 'KILL', ...board, '-serial', 'file:console.log'];
  const child = spawn('setpriv', [...argv, '-monitor', 'stdio'], {
    cwd: work,
    stdio: ['pipe', log, log],
    env: cleanEnvironment,
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended = `exit ${String(code ?? signal)}`));
  child.stdin?.on('error', () => undefined);
  const lastWords = (): string => tail(textOf(join(work, 'qemu.log')), 500);
  try {
    const ready = (): Look<true> => {
      const console = textOf(join(work, 'console.log'));
      if (ended === undefined) return doneWhen(console.includes(readyLine), tail(console, 300));
      return { failed: new Error(`the machine to be saved ended: ${ended}: ${lastWords()}`) };
    };
    const booted = { subject: 'a machine to boot that is to be saved', deadlineMs: bootMs };
    await waitFor(ready, { ...booted, intervalMs: 100 });
    child.stdin?.write(`migrate "exec:cat > ${templateParts.state}"\ninfo migrate\nquit\n`);
    const saved = { subject: 'the state of a machine to be saved', deadlineMs: saveMs };
    await waitFor(() => doneWhen(ended !== undefined, lastWords()), { ...saved, intervalMs: 50 });
    // qemu itself ends well even where its last order failed.
    if (!textOf(join(work, 'qemu.log')).includes('Migration status: completed')) {
      throw new Error(`a machine was not saved: ${ended}: ${lastWords()}`);
    }
  } finally {
    child.kill('SIGKILL');
  }
}

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
