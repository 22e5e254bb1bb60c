import type { RenderedFile } from '../../render/model.ts';
import { tail } from '../exec.ts';
import { type HostRecord, writeHostRecord } from '../host-record.ts';
import { runtimeOf } from '../runtime.ts';
import { until } from '../wait.ts';
import { fileDigest, inPlaceFiles, sha256 } from './digest.ts';

/** Digest by path, as found; a missing file has none. */
export type Digests = Record<string, string>;

/** A file that was applied before, for when it is dropped from the plan. */
export type Applied = Record<string, { digest: string; onChange: RenderedFile['onChange'] }>;

/** Prints `mode owner sha256 path` of each path on standard input that is a file. */
const inspectScript = `while IFS= read -r path; do
  [ -f "$path" ] || continue
  sum=$(sha256sum < "$path")
  printf '%s %s %s\\n' "$(stat -L -c '%a %U:%G' "$path")" "\${sum%% *}" "$path"
done`;

/** Reads `path mode owner base64` lines and puts each file in place whole; an empty mode removes. */
const writeScript = `set -eu
while read -r path mode owner content; do
  if [ "$mode" = - ]; then rm -f "$path"; continue; fi
  fresh="$(dirname "$path")/.$(basename "$path").new"
  mkdir -p "$(dirname "$path")"
  rm -f "$fresh"
  printf %s "$content" | (umask 0077 && base64 -d > "$fresh")
  chown "$owner" "$fresh"
  chmod "$mode" "$fresh"
  mv -f "$fresh" "$path"
done`;

async function onHost(
  host: HostRecord,
  argv: readonly string[],
  input: string,
  timeoutMs: number,
): Promise<string> {
  const result = await runtimeOf(host.kind).exec(host, argv, { input, timeoutMs });
  if (result.code === 0) return result.stdout;
  const said = tail(`${result.stdout}\n${result.stderr}`);
  const command = argv[0] === 'sh' ? 'writing its files' : argv.join(' ');
  throw new Error(`host ${host.name}: ${command} failed with exit ${result.code}: ${said}`);
}

/** What the running host has of the files. */
export async function inspect(host: HostRecord, paths: readonly string[]): Promise<Digests> {
  const input = paths.map((path) => `${path}\n`).join('');
  const found = await onHost(host, ['sh', '-c', inspectScript], input, 30_000);
  const lines = found.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [mode = '', owner = '', sum = '', ...path] = line.split(' ');
      return [path.join(' '), fileDigest({ mode, owner }, sum)];
    }),
  );
}

/** Whether cloud-init, which writes the first files, is through with the host's first boot. */
export async function isBooted(host: HostRecord): Promise<boolean> {
  const probe = ['test', '-e', '/var/lib/cloud/instance/boot-finished'];
  return (await runtimeOf(host.kind).exec(host, probe)).code === 0;
}

/** A write while cloud-init still writes would be overwritten. */
async function firstBootDone(host: HostRecord): Promise<void> {
  await until(async () => ((await isBooted(host)) ? true : undefined), {
    subject: `first boot of ${host.name} is over`,
    deadlineMs: 300_000,
    intervalMs: 500,
  });
}

/** Distinct commands in the order of their first appearance. */
export function reactionsOf(changed: readonly RenderedFile['onChange'][]): string[][] {
  const commands = changed.filter((reaction) => typeof reaction !== 'string');
  const distinct = new Map(commands.map((argv) => [JSON.stringify(argv), [...argv]]));
  return [...distinct.values()];
}

/** What has to happen on a host for its files to be the wanted ones. */
export interface Changes {
  readonly write: readonly RenderedFile[];
  readonly remove: readonly string[];
  /** Commands to run afterwards, each once. */
  readonly reactions: readonly string[][];
}

/** Pure: compares the wanted files with what the host has and what was applied to it before. */
export function changesFor(
  wanted: readonly RenderedFile[],
  found: Digests,
  before: Applied,
): Changes {
  const files = inPlaceFiles(wanted);
  const write = files.filter((f) => found[f.path] !== fileDigest(f, sha256(f.content)));
  const kept = new Set(wanted.map((file) => file.path));
  const remove = Object.keys(before).filter((path) => !kept.has(path));
  const dropped = remove.map((path) => before[path]?.onChange ?? 'none');
  return { write, remove, reactions: reactionsOf([...write.map((f) => f.onChange), ...dropped]) };
}

/**
 * Makes the host's files the wanted ones, then runs the reactions. Reactions are noted with the
 * host before anything is written and struck off one by one: what fails runs again next time.
 * @throws with the output of a reaction that failed.
 */
export async function apply(
  record: HostRecord,
  wanted: readonly RenderedFile[],
  before: Applied,
): Promise<void> {
  await firstBootDone(record);
  const found = await inspect(
    record,
    inPlaceFiles(wanted).map((file) => file.path),
  );
  const { write, remove, reactions } = changesFor(wanted, found, before);
  let pending = reactionsOf([...record.pendingReactions, ...reactions]);
  const note = (): void => {
    writeHostRecord({ ...record, bootedFiles: '', pendingReactions: pending });
  };
  note();
  const lines = [
    ...write.map(
      ({ path, mode, owner, content }) =>
        `${path} ${mode} ${owner} ${Buffer.from(content).toString('base64')}\n`,
    ),
    ...remove.map((path) => `${path} -\n`),
  ];
  if (lines.length > 0) await onHost(record, ['sh', '-c', writeScript], lines.join(''), 60_000);
  while (pending.length > 0) {
    await onHost(record, pending[0] ?? [], '', 600_000);
    pending = pending.slice(1);
    note();
  }
}
