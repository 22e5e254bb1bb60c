import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isScalar, parseDocument } from 'yaml';
import type { Release } from '../../infra/plan/model.ts';
import type { Image } from './aws-images.ts';
import { environmentKey, stacksDir } from './pulumi-workspace.ts';

/** The text of a stack file with these images pinned, each with its name beside it; the rest as it was. */
export function withImages(
  text: string,
  images: Readonly<Partial<Record<Release, Image>>>,
): string {
  const document = parseDocument(text);
  for (const [release, { id, name }] of Object.entries(images)) {
    const path = ['config', environmentKey, 'aws', 'images', release];
    document.setIn(path, document.createNode(id));
    const node = document.getIn(path, true);
    if (isScalar(node)) node.comment = ` ${name}`;
  }
  return document.toString({ lineWidth: 0 });
}

/** Pins images in the stack file; it is replaced as a whole. */
export async function pinImages(
  stack: string,
  images: Readonly<Partial<Record<Release, Image>>>,
): Promise<void> {
  const file = join(stacksDir, `Pulumi.${stack}.yaml`);
  const text = withImages(await readFile(file, 'utf8'), images);
  const fresh = `${file}.${process.pid}.tmp`;
  await writeFile(fresh, text, { mode: (await stat(file)).mode });
  await rename(fresh, file);
}
