import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { doneWhen, type Look, waitFor } from '../../wait.ts';
import { must } from '../exec.ts';
import {
  cutPower,
  type HostRef,
  lastWords,
  launch,
  makeHostGroup,
  secretLines,
  type Secrets,
} from '../host-process.ts';
import type { HostRecord } from '../host-record.ts';
import { machineParts } from '../images/store.ts';
import { hostDisks, hostNamespace, machineId, namespacePath, volumeFile } from '../names.ts';
import type { DiskFiles } from '../runtime.ts';
import { say } from '../say.ts';
import { releaseLoops } from '../volumes/loop.ts';
import { markUsed } from '../volumes/use.ts';
import { type Acceleration, chooseAcceleration } from './acceleration.ts';
import { attachMachine } from './cables.ts';
import { boardOf, qemuCommand, volumeSerial } from './qemu.ts';
import { requireMachineImage, requireMachineTools } from './requirements.ts';
import { execIn, isOn, patience } from './running.ts';
import { ensureTemplate, templateParts } from './template.ts';

/** A login and an answer, while all that the machine serves starts beside them. */
const askMs = 15_000;
/** Once its kernel runs and its identity is there, commands can be run; what is to be served comes later. */
const startMs = 60_000;

/** Makes the machine's own disk: what it writes, over the image that all share. */
export async function prepare(host: HostRecord, files: DiskFiles): Promise<void> {
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

/**
 * An emulated machine was once silent for six minutes after a power cut, and nobody found out why. One that does
 * not answer in half of its time is switched off and on, and then has all of it.
 * @throws with the last words of its console; it is off then, so that the next start begins anew
 */
export async function start(host: HostRecord, secrets: Secrets): Promise<void> {
  requireMachineTools();
  requireMachineImage(host);
  const acceleration = await accelerationFor(host);
  const deadlineMs = startMs * patience[acceleration];
  try {
    await boot(host, secrets, acceleration, deadlineMs / 2);
  } catch (error) {
    if (!isOn(host)) throw error;
    say(`${host.name} is switched off and on again: ${messageOf(error)}`);
    await boot(host, secrets, acceleration, deadlineMs).catch(async (cause: unknown) => {
      await cutPower(host);
      throw cause;
    });
  }
}

async function boot(
  host: HostRecord,
  secrets: Secrets,
  acceleration: Acceleration,
  deadlineMs: number,
): Promise<void> {
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
    if (why !== undefined) {
      return { failed: new Error(`${host.name} did not start: ${why}: ${lastWords(host)}`) };
    }
    try {
      return await identityOf(host, askMs * patience[acceleration]);
    } catch (error) {
      return { seen: `${messageOf(error)}; on its console: ${lastWords(host)}` };
    }
  };
  await waitFor(look, {
    subject: `${host.name} to boot (${acceleration})`,
    deadlineMs,
    intervalMs: 200,
  });
}

/** Whether the machine has become the host that it is to be. */
async function identityOf(host: HostRecord, timeoutMs: number): Promise<Look<true>> {
  const unit = 'rig-identity.service';
  const argv = ['systemctl', 'show', '-P', 'ActiveState', unit];
  const { code, stdout, stderr } = await execIn(host, argv, { timeoutMs });
  if (code !== 0) return { seen: `${argv.join(' ')}: exit ${String(code)}: ${stderr.trim()}` };
  const state = stdout.trim();
  if (state !== 'failed') return doneWhen(state === 'active', `${unit} is ${state}`);
  return { failed: new Error(`${host.name} did not take its identity: ${lastWords(host)}`) };
}

/** Standard input of `identity.sh`. */
export function identityItems(host: HostRecord, secrets: Secrets): string {
  return [
    `host HOST ${host.name}\n`,
    `host MACHINE_ID ${machineId(host.stack, host.name)}\n`,
    `host ADDRESS ${host.address}/${host.prefixLength}\n`,
    `host GATEWAY ${host.gateway}\n`,
    ...host.volumes.flatMap(({ mount }, index) =>
      mount === undefined ? [] : [`volume ${volumeSerial(index)} ${mount}\n`],
    ),
    ...secretLines(secrets),
  ].join('');
}
