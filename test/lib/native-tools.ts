/**
 * Native linters for the fast tests, which need no root:
 *
 *   const checked = await nativeTool('haproxy', folder, (path) => ['-c', '-f', `${path}/haproxy.cfg`]);
 *   expect(checked, checked.output).toMatchObject({ code: 0 });
 *
 * The tool of the cached base image judges where it can be run, because that is the version that
 * hosts run; else the machine's own on PATH. Where neither is fit, root, who can make the image, is
 * told to; for anybody else the test is skipped and its reason shown at the end of the run. Images are entered by a user namespace and a chroot
 * that sees `folder` as `/mnt`; hence the path is handed to the function that makes the arguments.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { exec } from '../../infra/rig-provider/exec.ts';
import type { ImageName } from '../../infra/plan/model.ts';
import { findImage } from '../../infra/rig-provider/images/index.ts';
import { skipTest } from './skip-test.ts';

export type NativeTool =
  | 'haproxy'
  | 'keepalived'
  | 'corosync'
  | '/usr/lib/drbd/drbdadm-84'
  | 'crm_verify'
  | 'cloud-init'
  | 'shellcheck'
  | 'nft'
  | 'jq'
  | 'erl'
  | 'promtool';

export interface NativeResult {
  readonly code: number;
  readonly stdout: string;
  /** Standard output and error together, for a failing test's message. */
  readonly output: string;
  readonly from: 'image' | 'path';
}

/** Folders where Debian keeps tools for administrators; a user's PATH may lack them. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * Private mounts that end with the tool. The image is read only in it: a file more, such as the log that corosync
 * begins even to judge its settings, and the next setup would find it damaged. An `eth0`, because
 * keepalived refuses to judge settings for an interface that is not there, and an address for corosync,
 * which judges settings only of a host that it is on.
 */
const enter = `
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" &&
{ [ ! -d "$1/var/log/corosync" ] || mount -t tmpfs tmpfs "$1/var/log/corosync"; } &&
mount --rbind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/tmp" && mount -t tmpfs tmpfs "$1/run" &&
mount --bind "$2" "$1/mnt" && chroot "$1" ip link add eth0 type bridge &&
chroot "$1" ip link set lo up || exit 125
root=$1; shift 2
exec chroot "$root" /usr/bin/env PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 TMPDIR=/tmp "$@"`;

/** The oldest of the machine's own that reads what hosts are given; older ones refuse it. */
const oldest: Partial<Record<NativeTool, string>> = { keepalived: '2.3.3' };

/** These judge by what else is in the image. */
const onlyFromImage: ReadonlySet<NativeTool> = new Set(['erl']);

/**
 * Runs a tool on the files of a folder. Where there is none that is fit, the test is skipped.
 * @throws for root when there is no such tool, neither in the image nor on PATH.
 */
export async function nativeTool(
  name: NativeTool,
  folder: string,
  args: (path: string) => readonly string[],
  image: ImageName = 'trixie',
): Promise<NativeResult> {
  const rootfs = await usableImage(image);
  if (rootfs !== undefined) {
    return run('image', [...intoImage(rootfs, folder), name, ...args('/mnt')]);
  }
  const own = onlyFromImage.has(name) ? undefined : findOnPath(name);
  const unfit = own === undefined ? `no ${name} to check with` : await tooOld(name, own);
  if (own !== undefined && unfit === undefined) return runOwn(name, [own, ...args(folder)]);
  const reason = `${unfit ?? name}: make the base image ${image} (as root: npm run setup)`;
  if (process.getuid?.() === 0) throw new Error(reason);
  return skipTest(reason);
}

async function tooOld(name: NativeTool, path: string): Promise<string | undefined> {
  const least = oldest[name];
  if (least === undefined) return undefined;
  const { output } = await run('path', [path, '--version']);
  const version = /\bv?(\d+\.\d+(\.\d+)?)/.exec(output)?.[1];
  return version !== undefined && isOlder(version, least)
    ? `${path} is ${version}, too old to read what hosts are given (${least})`
    : undefined;
}

/** Versions of numbers with points between them. */
export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}

/** The machine's own tool, which may be older than that of the hosts: its refusals say so. */
async function runOwn(name: NativeTool, argv: readonly string[]): Promise<NativeResult> {
  // nft checks rules against a kernel that it may configure, which only root may without this.
  const alone = name === 'nft' && process.getuid?.() !== 0;
  const result = await run('path', [...(alone ? ownNetwork : []), ...argv]);
  if (result.code === 0) return result;
  const hint = `${argv[0] ?? name} said this, not the ${name} that hosts run; to ask that one: make the base image (as root: npm run setup)`;
  return { ...result, output: `${result.output}\n${hint}\n` };
}

const ownNetwork = ['unshare', '--map-root-user', '--net'];

const intoImage = (rootfs: string, folder: string): string[] => [
  // A network of its own: nft checks rules against a kernel that it may configure.
  ...['unshare', '--map-root-user', '--mount', '--net', 'sh', '-c', enter, 'sh'],
  ...[rootfs, folder],
];

const usable = new Map<ImageName, Promise<string | undefined>>();

/** The image, if it is there and this user may enter it; tried once a process. */
async function usableImage(name: ImageName): Promise<string | undefined> {
  const known = usable.get(name) ?? tryImage(name);
  usable.set(name, known);
  return known;
}

async function tryImage(name: ImageName): Promise<string | undefined> {
  const image = findImage(name);
  if (image === undefined) return undefined;
  const trial = await exec([...intoImage(image.rootfs, import.meta.dirname), 'true']);
  return trial.code === 0 ? image.rootfs : undefined;
}

async function run(from: 'image' | 'path', argv: readonly string[]): Promise<NativeResult> {
  const { code, stdout, stderr } = await exec(argv, { timeoutMs: 60_000 });
  return { code, stdout, output: `${stdout}${stderr}`, from };
}

function findOnPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
