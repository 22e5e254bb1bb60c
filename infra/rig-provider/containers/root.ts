import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs';

/** A regular file as its host has it. */
export interface FoundFile {
  /** Permission bits. */
  readonly mode: number;
  /** `user:group` by the host's own names, numbers where it has none. */
  readonly owner: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
/** A pipe in a file's place must not make us wait for its other end. */
const fileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
const folderFlags = O_RDONLY | O_NOFOLLOW | O_DIRECTORY;

/**
 * The root folder of a running host, read from outside of it: no process has to enter the host. No
 * symbolic link is followed, because an absolute one would lead into this machine's own tree.
 */
export class HostRoot implements Disposable {
  /** Open folders by their path; each was reached through folders that are none but folders. */
  readonly #folders = new Map<string, number>();
  #users: ReadonlyMap<number, string> | undefined;
  #groups: ReadonlyMap<number, string> | undefined;

  /** @param root e.g. `/proc/123/root`; it may be a link itself, as that one is */
  constructor(root: string) {
    this.#folders.set('', openSync(`${root}/`, O_RDONLY | O_DIRECTORY));
  }

  /**
   * What is at the absolute path; undefined when there is no regular file.
   * @throws when a part of the path is a symbolic link, or cannot be read.
   */
  find(path: string): FoundFile | undefined {
    return this.#withFile(path, (file) => {
      const { mode, uid, gid } = fstatSync(file);
      this.#users ??= this.#names('/etc/passwd');
      this.#groups ??= this.#names('/etc/group');
      const owner = `${this.#users.get(uid) ?? uid}:${this.#groups.get(gid) ?? gid}`;
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
      return { mode: mode & 0o7777, owner, sha256 };
    });
  }

  /** Whether anything has that name, a link included. */
  has(path: string): boolean {
    const [folder, name] = split(path);
    try {
      lstatSync(this.#at(folder, name));
      return true;
    } catch (error) {
      if (isAbsence(error)) return false;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    for (const folder of this.#folders.values()) closeSync(folder);
  }

  #withFile<T>(path: string, read: (file: number) => T): T | undefined {
    const [folder, name] = split(path);
    let file: number;
    try {
      file = openSync(this.#at(folder, name), fileFlags);
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
    try {
      return fstatSync(file).isFile() ? read(file) : undefined;
    } finally {
      closeSync(file);
    }
  }

  /** A path of ours to the name in the host's folder: the kernel starts from the open folder. */
  #at(folder: string, name: string): string {
    return `/proc/self/fd/${this.#open(folder)}/${name}`;
  }

  #open(folder: string): number {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const opened = openSync(this.#at(...split(folder)), folderFlags);
    this.#folders.set(folder, opened);
    return opened;
  }

  /** Names by number, from a file in the format of `/etc/passwd` or `/etc/group`. */
  #names(path: string): ReadonlyMap<number, string> {
    const text = this.#withFile(path, (file) => readFileSync(file, 'utf8')) ?? '';
    const fields = text.split('\n').map((line) => line.split(':'));
    return new Map(fields.map(([name = '', , id]) => [Number(id), name]));
  }
}

/** `/a/b/c` as `/a/b` and `c`. */
function split(path: string): [folder: string, name: string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, slash), path.slice(slash + 1)];
}

const isAbsence = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';
