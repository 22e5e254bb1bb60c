import { dirname, join } from 'node:path';
import type { HostRecord } from '../host-record.ts';
import { machineParts } from '../images/store.ts';
import { hostDisks, macAddress, volumeFile } from '../names.ts';
import { powerSocket } from '../power/power.ts';
import type { Acceleration } from './acceleration.ts';
import { rigMac, taps } from './cables.ts';

export const program = 'qemu-system-x86_64';

/** Serial number of a machine's nth volume: what the machine finds it by. */
export const volumeSerial = (index: number): string => `volume-${index}`;

/** What all machines of one size and image have alike; a saved state fits these and no others. */
export interface Board {
  /** Folder of the image's machine parts. */
  readonly image: string;
  readonly memoryMiB: number;
  readonly cpus: number;
}

export const boardOf = ({ image, memoryMiB, cpus = 1 }: HostRecord): Board => ({
  image,
  memoryMiB,
  cpus,
});

/**
 * Emulated, Debian's kernels meet a double fault at cmpxchg16b (qemu 7.2, Linux 6.12), and svm has them
 * load a KVM of their own. The cache of translated code would take a gigabyte.
 */
const accelerated: Readonly<Record<Acceleration, readonly string[]>> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
  tcg: ['-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'qemu64,-cx16,-svm'],
};

/** Slots on the board: disks and cards get their names in the kernel in this order. */
const slots = {
  root: 2,
  random: 3,
  hostCard: 4,
  rigCard: 5,
  identity: 6,
  volumes: 7,
  power: 0x1e,
} as const;

/** In an option of a device; qemu reads it as hexadecimal. */
const at = (slot: number): string => `addr=0x${slot.toString(16)}`;

const cardOf = (tap: string, mac: string, slot: number): string[] => [
  ...['-netdev', `tap,id=${tap},ifname=${tap},script=no,downscript=no`],
  ...['-device', `virtio-net-pci,netdev=${tap},mac=${mac},${at(slot)},romfile=`],
];

/**
 * Written blocks are in this machine's page cache until the guest flushes: a machine that loses power
 * loses what its own kernel had not written yet, and nothing else.
 */
const drive = (id: string, file: string, format: 'qcow2' | 'raw'): string[] => [
  '-drive',
  `if=none,id=${id},file=${escaped(file)},format=${format},cache=writeback,discard=unmap`,
];

const disk = (id: string, slot: number): string[] => [
  '-device',
  `virtio-blk-pci,drive=${id},serial=${id},${at(slot)}`,
];

/** A comma ends a value of qemu's options. */
const escaped = (path: string): string => path.replaceAll(',', ',,');

/** The machine's line to the power service: a port of its board, whatever becomes of its network. */
const powerLine = (stack: string): string[] => [
  ...['-chardev', `socket,id=power,path=${escaped(powerSocket(stack))},reconnect=1`],
  ...['-device', `virtio-serial-pci,${at(slots.power)}`],
  ...['-device', 'virtserialport,chardev=power,name=power'],
];

/**
 * The board's own disk controller is of no use. Nobody is at the console to answer a question about a file
 * system that lost its power, nor to press a button where a kernel gave up.
 */
const kernelWords = 'console=ttyS0 net.ifnames=0 module_blacklist=ahci fsck.repair=yes panic=5';

/**
 * The emulator finds code that it has translated again only at the address that it was translated for. With
 * programs and libraries at random places each start of a program is translated anew: a fork and an exec of
 * /bin/true took 20 ms of processor time in place of 4, a cluster agent's shell script 115 ms in place of 40.
 */
const kernelWordsOf: Readonly<Record<Acceleration, string>> = {
  kvm: kernelWords,
  tcg: `${kernelWords} norandmaps`,
};

/** Nothing but processors, memory, kernel and the disk of its system. */
export function boardCommand(
  { image, memoryMiB, cpus }: Board,
  acceleration: Acceleration,
  systemDisk: string,
): string[] {
  return [
    ...[program, '-nodefaults', '-no-user-config', '-display', 'none'],
    ...['-machine', 'q35', ...accelerated[acceleration]],
    ...['-smp', String(cpus), '-m', String(memoryMiB), '-rtc', 'base=utc'],
    ...['-kernel', join(image, machineParts.kernel), '-initrd', join(image, machineParts.initrd)],
    ...['-append', kernelWordsOf[acceleration]],
    ...[...drive('root', systemDisk, 'qcow2'), ...disk('root', slots.root)],
    ...['-device', `virtio-rng-pci,${at(slots.random)}`],
  ];
}

/** File descriptor on which a machine that goes on from a saved state finds it. */
const stateDescriptor = 3;

/**
 * What runs the host: from its kernel's start, or on from a saved state of its board, which then finds
 * the host's own devices. Run in the host's folder, inside its network namespace; console on standard output.
 */
export function qemuCommand(
  host: HostRecord,
  acceleration: Acceleration,
  from: 'start' | 'state' = 'start',
): string[] {
  const { stack, name } = host;
  return [
    ...boardCommand(boardOf(host), acceleration, join(hostDisks(stack, name), 'disk.qcow2')),
    ...['-name', `${stack}/${name}`, '-serial', 'stdio', '-monitor', 'none'],
    ...cardOf(taps.host, macAddress(stack, name), slots.hostCard),
    ...cardOf(taps.rig, rigMac, slots.rigCard),
    ...['-drive', 'if=none,id=rig,file=identity/disk,format=raw,readonly=on'],
    ...disk('rig', slots.identity),
    ...host.volumes.flatMap((volume, index) => [
      ...drive(volumeSerial(index), volumeFile(stack, volume.name), 'raw'),
      ...disk(volumeSerial(index), slots.volumes + index),
    ]),
    ...(host.fences === true ? powerLine(stack) : []),
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...(from === 'state' ? ['-incoming', `fd:${stateDescriptor}`] : []),
  ];
}

/** Where the states of an image's boards are kept: they go with it. */
export const templatesOf = ({ image }: Board): string => join(dirname(image), 'templates');
