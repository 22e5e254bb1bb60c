import type { Reaction } from '../plan/model.ts';

/** A file with its final bytes, the same for every target. */
export interface RenderedFile {
  /** Absolute path on the host. */
  readonly path: string;
  readonly content: string;
  /** Octal, e.g. `0644`. */
  readonly mode: string;
  /** `user:group`. */
  readonly owner: string;
  readonly onChange: Reaction;
}

/** All that a target needs to boot one host. */
export interface RenderedHost {
  readonly name: string;
  /** In the order of their paths. */
  readonly files: readonly RenderedFile[];
  /** `#cloud-config` document with the files and the boot command; clear text, no secrets. */
  readonly userData: string;
  /** Of the files those that user-data lacks: they follow the hosts of the environment. None on the rig. */
  readonly lateFiles: readonly RenderedFile[];
  /** Likewise: what can wait for the secrets, of hosts with more than user-data has room for. */
  readonly latePrograms: readonly RenderedFile[];
}
