import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { doneWhen, type Look, waitFor } from '../../wait.ts';
import { processesBelow } from '../cgroup.ts';
import { exec, type ExecOptions, type ExecResult, must, tail } from '../exec.ts';
import {
  cleanEnvironment,
  cutPower,
  groupOf,
  hasPower,
  type HostRef,
  lastWords,
  launch,
  makeHostGroup,
  replaceSecretsScript,
  secretFolder,
  secretLines,
  secretsInput,
  type Secrets,
} from '../host-process.ts';
import { type HostRecord, readHostRecord } from '../host-record.ts';
import { machineParts } from '../images/store.ts';
import { hostDisks, hostNamespace, machineId, namespacePath, volumeFile } from '../names.ts';
import type { DiskFiles, HostRuntime } from '../runtime.ts';
import { say } from '../say.ts';
import { releaseLoops } from '../volumes/loop.ts';
import { markUsed } from '../volumes/use.ts';
import { type Acceleration, chooseAcceleration } from './acceleration.ts';
import { attachMachine } from './cables.ts';
import { boardOf, qemuCommand, volumeSerial } from './qemu.ts';
import { requireMachineImage, requireMachineTools } from './requirements.ts';
import { connectionFailed, sshCommand } from './ssh.ts';
import { ensureTemplate, templateParts } from './template.ts';

/** Times a container's time: a whole kernel boots, and emulation takes ten to twenty times as long. */
const patience: Readonly<Record<Acceleration, number>> = { kvm: 2, tcg: 6 };

/** Once its kernel runs and its identity is there, commands can be run; what is to be served comes later. */
const startMs = 60_000;

/** Makes the machine's own disk: what it writes, over the image that all share. */
async function prepare(host: HostRecord, files: DiskFiles): Promise<void> {
  requireMachineTools();
  requireMachineImage(host);
  if (Object.keys(files).length > 0) {
    throw new RangeError(
      `files for the disk of ${host.name}: a machine gets all with its user-data`,
    );
  }
  const file = join(hostDisks(host.stack, host.name), 'disk.qcow2');
  const template = await ensureTemplate(boardOf(host), await accelerationFor(host));
  if (template === undefined) {
    const backing = join(host.image, machineParts.disk);
    await must(['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', backing, file]);
  } else {
    copyFileSync(join(template, templateParts.disk), file);
    writeFileSync(stateNote(host), join(template, templateParts.state));
  }
}

const accelerationFor = ({ image }: HostRecord): Promise<Acceleration> =>
  chooseAcceleration(join(image, machineParts.kernel));

/** Names the state that goes with a disk which no start has written to. */
const stateNote = (host: HostRef): string => join(hostDisks(host.stack, host.name), 'state.path');

/** The saved state from which this start goes on; from now on the disk and it go separate ways. */
function takeState(host: HostRef): string | undefined {
  const note = stateNote(host);
  if (!existsSync(note)) return undefined;
  const state = readFileSync(note, 'utf8');
  rmSync(note);
  return existsSync(state) ? state : undefined;
}

async function start(host: HostRecord, secrets: Secrets): Promise<void> {
  requireMachineTools();
  requireMachineImage(host);
  const acceleration = await accelerationFor(host);
  await cutPower(host);
  await attachMachine(host);
  await releaseLoops(host.volumes.map(({ name }) => volumeFile(host.stack, name)));
  for (const { name } of host.volumes) markUsed(host.stack, name);
  const state = takeState(host);
  const ended = launch(host, {
    script: join(import.meta.dirname, 'launch.sh'),
    argv: qemuCommand(host, acceleration, state === undefined ? 'start' : 'state'),
    env: {
      RIG_CGROUP: makeHostGroup(host),
      RIG_DISKS: hostDisks(host.stack, host.name),
      RIG_NETNS: namespacePath(hostNamespace(host.stack, host.name)),
      ...(state === undefined ? {} : { RIG_STATE: state }),
    },
    items: identityItems(host, secrets),
  });
  const look = async (): Promise<Look<true>> => {
    const why = ended();
    if (why === undefined) return identityOf(host);
    return { failed: new Error(`${host.name} did not start: ${why}: ${lastWords(host)}`) };
  };
  await waitFor(look, {
    subject: `${host.name} to boot (${acceleration})`,
    deadlineMs: startMs * patience[acceleration],
    intervalMs: 200,
  });
}

/** Whether the machine has become the host that it is to be. */
async function identityOf(host: HostRecord): Promise<Look<true>> {
  const unit = 'rig-identity.service';
  const { stdout } = await execIn(host, ['systemctl', 'show', '-P', 'ActiveState', unit], {
    timeoutMs: 30_000,
  });
  const state = stdout.trim();
  if (state !== 'failed') return doneWhen(state === 'active', `${unit} is ${state}`);
  return { failed: new Error(`${host.name} did not take its identity: ${lastWords(host)}`) };
}

/** Standard input of `identity.sh`. */
function identityItems(host: HostRecord, secrets: Secrets): string {
  return [
    `host HOST ${host.name}\n`,
    `host MACHINE_ID ${machineId(host.stack, host.name)}\n`,
    `host ADDRESS ${host.address}/${host.prefixLength}\n`,
    `host GATEWAY ${host.gateway}\n`,
    ...host.volumes.map(({ mount }, index) => `volume ${volumeSerial(index)} ${mount}\n`),
    ...secretLines(secrets),
  ].join('');
}

const processOf = (host: HostRef): number | undefined =>
  processesBelow(join(groupOf(host), 'machine'))[0];

/** How the running machine was started; undefined when it does not run. */
function accelerationOf(host: HostRef): Acceleration | undefined {
  try {
    const pid = processOf(host);
    if (pid === undefined) return undefined;
    const argv = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return argv[argv.indexOf('-accel') + 1]?.startsWith('kvm') === true ? 'kvm' : 'tcg';
  } catch {
    // It ended while we looked.
    return undefined;
  }
}

const patienceWith = (host: HostRef): number => patience[accelerationOf(host) ?? 'tcg'];

function runningRecord(host: HostRef): HostRecord {
  const record = readHostRecord(host.stack, host.name);
  if (record !== undefined && hasPower(host)) return record;
  throw new UserError({
    what: `host ${host.name} of ${host.stack} is not running`,
    fix: 'npm run up heals it',
  });
}

async function execIn(
  host: HostRef,
  argv: readonly string[],
  options: Omit<ExecOptions, 'env'> = {},
): Promise<ExecResult> {
  const record = runningRecord(host);
  const { timeoutMs = 30_000 } = options;
  const command = sshCommand(record, argv, { timeoutMs });
  const result = await exec(command, { ...options, timeoutMs, env: cleanEnvironment });
  if (result.code !== connectionFailed) return result;
  throw new Error(`no connection to ${host.name}: ${tail(result.stderr, 500)}`);
}

async function powerOff(host: HostRef, deadlineMs: number): Promise<void> {
  if (!hasPower(host)) return;
  const end = performance.now() + deadlineMs * patienceWith(host);
  try {
    // The connection may end before the command does.
    await askToPowerOff(host, deadlineMs * patienceWith(host)).catch((error: unknown) => {
      say(`${host.name} was told to power off: ${String(error)}`);
    });
    await waitFor(() => doneWhen(!hasPower(host), 'it runs'), {
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
  state: (host) => (hasPower(host) ? 'running' : 'stopped'),
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
