import { join } from 'node:path';
import { doneWhen, waitFor } from '../../wait.ts';
import { type ExecResult, must } from '../exec.ts';
import {
  cleanEnvironment,
  cutPower,
  type HostRef,
  replaceSecretsScript,
  secretFolder,
  secretsInput,
  type Secrets,
} from '../host-process.ts';
import type { HostRecord } from '../host-record.ts';
import { hostDisks } from '../names.ts';
import type { HostRuntime } from '../runtime.ts';
import { say } from '../say.ts';
import { accelerationOf, execIn, isOn, patienceWith, processOf, runningRecord } from './running.ts';
import { sshCommand } from './ssh.ts';
import { identityItems, prepare, start } from './start.ts';

async function powerOff(host: HostRef, deadlineMs: number): Promise<void> {
  if (!isOn(host)) return;
  const end = performance.now() + deadlineMs * patienceWith(host);
  try {
    // The connection may end before the command does.
    await askToPowerOff(host, deadlineMs * patienceWith(host)).catch((error: unknown) => {
      say(`${host.name} was told to power off: ${String(error)}`);
    });
    await waitFor(() => doneWhen(!isOn(host), 'it runs'), {
      subject: `${host.name} to power off`,
      deadlineMs: Math.max(0, end - performance.now()),
      intervalMs: 100,
    });
  } catch (error) {
    say(`${host.name} did not stop by itself: ${String(error)}`);
  }
}

/** Without logind, which no host of the rig has. */
const askToPowerOff = (host: HostRef, timeoutMs: number): Promise<ExecResult> =>
  execIn(
    host,
    ['systemctl', 'start', '--no-block', '--job-mode=replace-irreversibly', 'poweroff.target'],
    { timeoutMs },
  );

/** In the running machine, and on the disk from which it takes them at its next boot. */
async function replaceSecrets(host: HostRecord, secrets: Secrets): Promise<void> {
  const pid = processOf(host);
  if (pid === undefined) throw new Error(`host ${host.name} does not run`);
  const disks = hostDisks(host.stack, host.name);
  const script = join(import.meta.dirname, 'identity.sh');
  const places = [join(disks, 'identity'), join(disks, 'seed')];
  await must(['nsenter', '-t', String(pid), '-m', 'sh', script, ...places], {
    input: identityItems(host, secrets),
  });
  const inside = `mount -o remount,rw "$1"; trap 'mount -o remount,ro "$1"' EXIT\n${replaceSecretsScript}`;
  const argv = ['sh', '-c', inside, 'replace', secretFolder];
  const { code, stderr } = await execIn(host, argv, {
    input: secretsInput(secrets),
    timeoutMs: 30_000 * patienceWith(host),
  });
  if (code !== 0) throw new Error(`host ${host.name}: its secrets were not replaced: ${stderr}`);
}

/** Hosts as virtual machines: a kernel of their own, and what it has not written is lost with their power. */
export const machine: HostRuntime = {
  prepare,
  start,
  stop: cutPower,
  powerOff,
  state: (host) => (isOn(host) ? 'running' : 'stopped'),
  exec: execIn,
  entry: (host, argv) => {
    const terminal = process.stdin.isTTY && process.stdout.isTTY;
    return { argv: sshCommand(runningRecord(host), argv, { terminal }), env: cleanEnvironment };
  },
  replaceSecrets,
  // What a machine has as memory it has for its life: a change makes another host.
  limitMemory: () => undefined,
  patience: patienceWith,
  describe: (host) => {
    const acceleration = accelerationOf(host);
    return acceleration === undefined ? 'machine' : `machine (${acceleration})`;
  },
};
