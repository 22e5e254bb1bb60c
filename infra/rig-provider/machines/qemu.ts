import { join } from 'node:path';
import type { HostRecord } from '../host-record.ts';
import { machineParts } from '../images/store.ts';
import { hostDisks, macAddress, machineId, volumeFile } from '../names.ts';
import type { Acceleration } from './acceleration.ts';
import { rigMac, taps } from './cables.ts';

export const program = 'qemu-system-x86_64';

/** Serial number of a machine's nth volume: what the machine finds it by. */
export const volumeSerial = (index: number): string => `volume-${index}`;

/**
 * Emulated, Debian's kernels meet a double fault at cmpxchg16b (qemu 7.2, Linux 6.12), and svm has them
 * load a KVM of their own. The cache of translated code would take a gigabyte.
 */
const accelerated: Readonly<Record<Acceleration, readonly string[]>> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
  tcg: ['-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'qemu64,-cx16,-svm'],
};

/**
 * Written blocks are in this machine's page cache until the guest flushes: a machine that loses power
 * loses what its own kernel had not written yet, and nothing else.
 */
const disk = (id: string, file: string, format: 'qcow2' | 'raw'): string[] => [
  '-drive',
  `if=none,id=${id},file=${escaped(file)},format=${format},cache=writeback,discard=unmap`,
];

/** A comma ends a value of qemu's options. */
const escaped = (path: string): string => path.replaceAll(',', ',,');

const card = (tap: string, mac: string, slot: number): string[] => [
  '-netdev',
  `tap,id=${tap},ifname=${tap},script=no,downscript=no`,
  '-device',
  // Slots order the names that the kernel gives: the host's own card is eth0.
  `virtio-net-pci,netdev=${tap},mac=${mac},addr=${slot},romfile=`,
];

/** What boots the host; run in its folder, inside its network namespace. Console on standard output. */
export function qemuCommand(host: HostRecord, acceleration: Acceleration): string[] {
  const { stack, name, image, memoryMiB, cpus = 1 } = host;
  return [
    ...[program, '-name', `${stack}/${name}`],
    ...[
      '-nodefaults',
      '-no-user-config',
      '-display',
      'none',
      '-serial',
      'stdio',
      '-monitor',
      'none',
    ],
    ...['-machine', 'q35', ...accelerated[acceleration]],
    ...['-smp', String(cpus), '-m', String(memoryMiB), '-rtc', 'base=utc'],
    ...['-uuid', uuid(machineId(stack, name))],
    ...['-kernel', join(image, machineParts.kernel), '-append', kernelCommandLine(host)],
    ...disk('root', join(hostDisks(stack, name), 'disk.qcow2'), 'qcow2'),
    ...['-device', 'nvme,drive=root,serial=root'],
    ...card(taps.host, macAddress(stack, name), 4),
    ...card(taps.rig, rigMac, 5),
    ...['-drive', 'if=none,id=rig,file=identity/disk,format=raw,readonly=on'],
    ...['-device', 'virtio-blk-pci,drive=rig,serial=rig'],
    ...host.volumes.flatMap((volume, index) => [
      ...disk(volumeSerial(index), volumeFile(stack, volume.name), 'raw'),
      ...['-device', `virtio-blk-pci,drive=${volumeSerial(index)},serial=${volumeSerial(index)}`],
    ]),
    ...['-device', 'virtio-rng-pci'],
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
  ];
}

function kernelCommandLine({ stack, name }: HostRecord): string {
  return [
    'root=/dev/nvme0n1',
    'rootfstype=ext4',
    'rw',
    'console=ttyS0',
    'net.ifnames=0',
    // Of the emulated board, and of no use.
    'module_blacklist=ahci',
    // In place from the first process on: with them systemd does not take the boot for the first one.
    `systemd.hostname=${name}`,
    `systemd.machine_id=${machineId(stack, name)}`,
  ].join(' ');
}

const uuid = (id: string): string =>
  id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
