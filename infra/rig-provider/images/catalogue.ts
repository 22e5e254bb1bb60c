import type { ImageName, Release } from '../../plan/model.ts';

/** What machine hosts boot: the image of that name with a kernel of its own, as a disk. */
export type MachineImageName = `${ImageName}-machine`;

/** Images of environments, and what stands for Debian's image of EC2 where tests simulate that. */
export type RigImageName = ImageName | MachineImageName | `${Release}-ec2`;

/** What goes into one base image. */
export interface ImageSpec {
  readonly name: RigImageName;
  readonly release: Release;
  /** Debian packages that it holds, beside the essential ones and what these depend on. */
  readonly packages: readonly string[];
  /** Only tests that simulate a cloud make hosts of it: no set-up builds it. */
  readonly forTests?: true;
  /** A disk with a kernel for machine hosts, not a folder for containers. */
  readonly machine?: true;
}

/** A full systemd host that cloud-init sets up, and the tools of people and of the kit's scripts. */
const host = [
  'ca-certificates',
  'cloud-init',
  'conntrack',
  'curl',
  'dbus',
  'iproute2',
  'iputils-ping',
  'jq',
  'less',
  'libpam-systemd',
  'netbase',
  'nftables',
  'openssl',
  'procps',
  'socat',
  'systemd',
  'systemd-sysv',
  'udev',
];

/** The subjects: hosts of one release share an image, so that it is on disk and in memory once. */
const roles = ['corosync-qnetd', 'haproxy', 'ipvsadm', 'keepalived', 'rabbitmq-server'];

/** Brokers on a disk that is replicated between two hosts. */
const replicated = [
  'corosync',
  'corosync-qdevice',
  'drbd-utils',
  'lvm2',
  'pacemaker',
  'pacemaker-cli-utils',
  'psmisc',
  'rabbitmq-server',
  'resource-agents',
  'xfsprogs',
];

/** What hosts on EC2 have or install beside that. */
const cloud = ['awscli', 'e2fsprogs', 'openssh-server', 'sudo'];

/** What a test asks EC2 for power with, from a host. */
const powerAgent = 'fence-agents-aws';

/** Metrics of a host, on every host where monitoring is on. */
const exporter = 'prometheus-node-exporter';

/** Judge rendered scripts and settings where the machine has no linter of its own (`test/lib`). */
const linters = ['corosync', 'drbd-utils', 'pacemaker-cli-utils', 'shellcheck'];

/** The kernel that has what the rig's own may lack, what finds its disk, and the rig's way onto a machine. */
const machine = ['busybox-static', 'cpio', 'kmod', 'linux-image-cloud-amd64', 'openssh-server'];

/** Images of containers, each of which machines can have too. */
const environments: readonly (ImageSpec & { readonly name: ImageName })[] = [
  {
    name: 'bookworm',
    release: 'bookworm',
    packages: [...host, exporter, 'rabbitmq-server'].sort(),
  },
  {
    name: 'trixie',
    release: 'trixie',
    packages: [...host, ...roles, exporter, ...linters].sort(),
  },
  // Prometheus takes 200 MB: only where monitoring is on, and nothing of brokers beside it.
  {
    name: 'trixie-monitor',
    release: 'trixie',
    packages: [...host, exporter, 'prometheus'].sort(),
  },
  // A cluster manager has nothing to do on any other broker.
  {
    name: 'trixie-replicated',
    release: 'trixie',
    packages: [...host, exporter, ...replicated].sort(),
  },
];

export const machineImage = (name: ImageName): MachineImageName => `${name}-machine`;

const machineSpec = ({ name, release, packages }: (typeof environments)[number]): ImageSpec => ({
  name: machineImage(name),
  release,
  packages: [...packages, ...machine].sort(),
  machine: true,
});

/**
 * Every image that the kit can build; a new release is a new line. One is built when the first stack
 * needs it. Balancers are on trixie whatever their brokers are on.
 */
export const imageCatalogue: Readonly<Partial<Record<RigImageName, ImageSpec>>> = {
  ...Object.fromEntries(
    [...environments, ...environments.map(machineSpec)].map((spec) => [spec.name, spec]),
  ),
  'bookworm-ec2': {
    name: 'bookworm-ec2',
    release: 'bookworm',
    packages: [...host, ...cloud, exporter, 'rabbitmq-server'].sort(),
    forTests: true,
  },
  'trixie-ec2': {
    name: 'trixie-ec2',
    release: 'trixie',
    packages: [...host, ...cloud, ...roles, exporter, powerAgent].sort(),
    forTests: true,
  },
};

/** @throws when the rig has no image of that name. */
export function imageFor(name: RigImageName): ImageSpec {
  const spec = imageCatalogue[name];
  if (spec !== undefined) return spec;
  const known = Object.keys(imageCatalogue).join(', ');
  throw new Error(`no rig image ${name}; allowed: ${known}`);
}
