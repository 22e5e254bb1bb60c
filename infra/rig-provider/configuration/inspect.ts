import { tail } from '../exec.ts';
import type { HostRecord } from '../host-record.ts';
import { runtimeOf } from '../runtime.ts';
import { fileDigest } from './digest.ts';

/** Digest by path, as found; a missing file has none. */
export type Digests = Record<string, string>;

/** Written last by cloud-init's last stage, whatever modules the image has it run. */
const bootResult = '/run/cloud-init/result.json';

/**
 * Prints `mode owner path` and then, after an empty line, `sha256 path` of each path on standard
 * input that is a file.
 */
const inspectScript = `while IFS= read -r path; do
  if [ -f "$path" ]; then set -- "$@" "$path"; fi
done
[ $# -gt 0 ] || exit 0
stat -L -c '%a %U:%G %n' "$@" || true
echo
sha256sum "$@" || true`;

export interface Task {
  readonly argv: readonly string[];
  /** What the command is for, in the error. */
  readonly what: string;
  readonly input?: string;
  /** On a container; slower kinds of hosts have more. */
  readonly timeoutMs: number;
}

/** Standard output of a command on the host. @throws with its last words when it fails. */
export async function onHost(host: HostRecord, task: Task): Promise<string> {
  const { argv, what, input = '' } = task;
  const runtime = runtimeOf(host.kind);
  const timeoutMs = task.timeoutMs * runtime.patience(host);
  const result = await runtime.exec(host, argv, { input, timeoutMs });
  if (result.code === 0) return result.stdout;
  const said = tail(`${result.stdout}\n${result.stderr}`);
  throw new Error(`host ${host.name}: ${what} failed with exit ${result.code}: ${said}`);
}

/**
 * What the running host has of the files. Every `up` looks at every host: where they can be read
 * from outside, no process enters the host.
 */
export async function inspect(host: HostRecord, paths: readonly string[]): Promise<Digests> {
  return inspectFromOutside(host, paths) ?? (await inspectInside(host, paths));
}

/** Undefined when that does not answer everything: a symbolic link is on the way, say. */
function inspectFromOutside(host: HostRecord, paths: readonly string[]): Digests | undefined {
  try {
    using root = runtimeOf(host.kind).root?.(host);
    if (root === undefined) return undefined;
    return Object.fromEntries(
      paths.flatMap((path) => {
        const found = root.find(path);
        if (found === undefined) return [];
        const { mode, owner, sha256 } = found;
        return [[path, fileDigest({ mode: mode.toString(8), owner }, sha256)]];
      }),
    );
  } catch {
    return undefined;
  }
}

async function inspectInside(host: HostRecord, paths: readonly string[]): Promise<Digests> {
  const input = paths.map((path) => `${path}\n`).join('');
  const argv = ['sh', '-c', inspectScript];
  const found = await onHost(host, {
    argv,
    what: 'looking at its files',
    input,
    timeoutMs: 30_000,
  });
  return parseInspection(found);
}

/** Pure: files that went while they were looked at lack one half, and count as missing. */
export function parseInspection(printed: string): Digests {
  const [metas = '', sums = ''] = printed.split('\n\n');
  const sumOf = new Map(
    sums.split('\n').map((line) => {
      const [sum = '', path = ''] = line.split(/ +/);
      return [path, sum] as const;
    }),
  );
  return Object.fromEntries(
    metas.split('\n').flatMap((line) => {
      const [mode = '', owner = '', path = ''] = line.split(' ');
      const sum = sumOf.get(path);
      return sum === undefined || path === '' ? [] : [[path, fileDigest({ mode, owner }, sum)]];
    }),
  );
}

/** Whether cloud-init, which writes the first files, is through with the host's first boot. */
export async function isBooted(host: HostRecord): Promise<boolean> {
  try {
    using root = runtimeOf(host.kind).root?.(host);
    if (root !== undefined) return root.has(bootResult);
  } catch {
    // The host says it itself.
  }
  const runtime = runtimeOf(host.kind);
  const timeoutMs = 30_000 * runtime.patience(host);
  return (await runtime.exec(host, ['test', '-e', bootResult], { timeoutMs })).code === 0;
}
