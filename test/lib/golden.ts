import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { repositoryRoot } from '../../infra/paths.ts';

/** A tree of text files: path below the tree's root, and content. */
export type Tree = Readonly<Record<string, string>>;

const goldens = join(repositoryRoot, 'test', 'golden');

/** Goldens change by this explicit command only: `UPDATE_GOLDENS=1 npm run test:fast`. */
const updating = process.env['UPDATE_GOLDENS'] === '1';

/** The golden tree of that name, after it was replaced by `actual` where goldens are updated. */
export function goldenTree(name: string, actual: Tree): Tree {
  const root = join(goldens, name);
  if (updating) writeTree(root, actual);
  return readTree(root);
}

/** Replaces everything below `root`. */
export function writeTree(root: string, tree: Tree): void {
  rmSync(root, { recursive: true, force: true });
  for (const [path, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

function readTree(root: string): Tree {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.sort().map((file) => [relative(root, file), readFileSync(file, 'utf8')]),
  );
}
