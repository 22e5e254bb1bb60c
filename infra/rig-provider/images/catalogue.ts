import type { Release } from '../../plan/model.ts';

/** What goes into the base image of one Debian release. */
export interface ImageSpec {
  readonly release: Release;
  /** Debian packages that it holds, beside the essential ones and what these depend on. */
  readonly packages: readonly string[];
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
const roles = ['haproxy', 'keepalived', 'rabbitmq-server'];

/** Judges the rendered scripts where the machine has no linter of its own (`test/lib`). */
const linters = ['shellcheck'];

/**
 * Every image that the kit can build; a new release is a new line. One is built when the first stack
 * needs it. Balancers are on trixie whatever their brokers are on.
 */
export const imageCatalogue: Readonly<Partial<Record<Release, ImageSpec>>> = {
  bookworm: { release: 'bookworm', packages: [...host, 'rabbitmq-server'].sort() },
  trixie: { release: 'trixie', packages: [...host, ...roles, ...linters].sort() },
};

/** @throws when the rig has no image of that release. */
export function imageFor(release: Release): ImageSpec {
  const spec = imageCatalogue[release];
  if (spec !== undefined) return spec;
  const known = Object.keys(imageCatalogue).join(', ');
  throw new Error(`no rig image of Debian ${release}; allowed: ${known}`);
}
