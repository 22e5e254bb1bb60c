import type { RenderedFile } from '../../render/model.ts';
import { type HostRecord, writeHostRecord } from '../host-record.ts';
import { runtimeOf } from '../runtime.ts';
import { doneWhen, waitFor } from '../../wait.ts';
import { fileDigest, sha256 } from './digest.ts';
import { type Digests, inspect, isBooted, onHost } from './inspect.ts';

/** A file that was applied before, for when it is dropped from the plan. */
export type Applied = Record<string, { digest: string; onChange: RenderedFile['onChange'] }>;

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

/** A write while cloud-init still writes would be overwritten. */
async function firstBootDone(host: HostRecord): Promise<void> {
  await waitFor(async () => doneWhen(await isBooted(host), 'cloud-init at work'), {
    subject: `the first boot of ${host.name} to be over`,
    deadlineMs: 300_000 * runtimeOf(host.kind).patience(host),
    intervalMs: 500,
  });
}

/** @throws when cloud-init has ended with errors: the host's services may not be there. */
export async function firstBootWentWell(host: HostRecord): Promise<void> {
  await firstBootDone(host);
  const argv = ['jq', '-e', '.v1.errors == []', '/run/cloud-init/result.json'];
  await onHost(host, { argv, what: 'its first boot', timeoutMs: 30_000 });
}

/** What has to happen on a host for its files to be the wanted ones. */
export interface Changes {
  readonly write: readonly RenderedFile[];
  readonly remove: readonly string[];
}

/** Pure: compares the wanted files with what the host has and what was applied to it before. */
export function changesFor(
  wanted: readonly RenderedFile[],
  found: Digests,
  before: Applied,
): Changes {
  const kept = new Set(wanted.map((file) => file.path));
  return {
    write: wanted.filter((f) => found[f.path] !== fileDigest(f, sha256(f.content))),
    remove: Object.keys(before).filter((path) => !kept.has(path)),
  };
}

/** A command with the changed files that it is the reaction to. */
export interface PlannedReaction {
  readonly argv: readonly string[];
  readonly paths: readonly string[];
}

/** Pure: each distinct command once, in the order of the files. Dropped files keep their old one. */
export function reactionsFor(
  unsettled: readonly string[],
  wanted: readonly Pick<RenderedFile, 'path' | 'onChange'>[],
  before: Applied,
): PlannedReaction[] {
  const dropped = Object.entries(before)
    .filter(([path]) => !wanted.some((file) => file.path === path))
    .map(([path, { onChange }]) => ({ path, onChange }));
  const planned = new Map<string, PlannedReaction>();
  for (const { path, onChange } of [...wanted, ...dropped]) {
    if (typeof onChange === 'string' || !unsettled.includes(path)) continue;
    const key = JSON.stringify(onChange);
    const paths = [...(planned.get(key)?.paths ?? []), path];
    planned.set(key, { argv: onChange, paths });
  }
  return [...planned.values()];
}

/**
 * Makes the host's files the wanted ones, then runs the reactions. Changed files are noted with the
 * host before anything is written and struck off with their reaction: what fails runs again next
 * time, although the files are in place by then.
 * @throws with the output of a reaction that failed.
 */
export async function apply(
  record: HostRecord,
  wanted: readonly RenderedFile[],
  before: Applied,
): Promise<void> {
  await firstBootDone(record);
  const paths = wanted.map((file) => file.path);
  const { write, remove } = changesFor(wanted, await inspect(record, paths), before);
  const changed = [...write.map((file) => file.path), ...remove];
  let unsettled = [...new Set([...record.unsettledFiles, ...changed])];
  const note = (): void => {
    writeHostRecord({ ...record, bootedFiles: '', unsettledFiles: unsettled });
  };
  note();
  await putInPlace(record, write, remove);
  for (const { argv, paths: settled } of reactionsFor(unsettled, wanted, before)) {
    const what = `the reaction \`${argv.join(' ')}\` to changed ${settled.join(', ')}`;
    await onHost(record, { argv, what, timeoutMs: 600_000 });
    unsettled = unsettled.filter((path) => !settled.includes(path));
    note();
  }
  // What is left has no reaction.
  unsettled = [];
  note();
}

/** Runs what makes a running host take up secrets that are in their folder already. */
export async function takeUpSecrets(
  record: HostRecord,
  reaction: RenderedFile['onChange'],
): Promise<void> {
  if (reaction === 'none') return;
  const what = `taking up changed secrets with \`${reaction.join(' ')}\``;
  await onHost(record, { argv: reaction, what, timeoutMs: 600_000 });
}

async function putInPlace(
  record: HostRecord,
  write: readonly RenderedFile[],
  remove: readonly string[],
): Promise<void> {
  if (write.length + remove.length === 0) return;
  const lines = [
    ...write.map(
      ({ path, mode, owner, content }) =>
        `${path} ${mode} ${owner} ${Buffer.from(content).toString('base64')}\n`,
    ),
    ...remove.map((path) => `${path} -\n`),
  ];
  const argv = ['sh', '-c', writeScript];
  await onHost(record, { argv, what: 'writing files', input: lines.join(''), timeoutMs: 60_000 });
}
