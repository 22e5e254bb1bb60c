import { z } from 'zod';
import { channelDescription } from '../../channels/description.ts';
import { channelTo, describedBy } from '../../channels/open.ts';
import { growFileSystems } from '../../operations/growth.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { say } from '../say.ts';

const inputs = z.strictObject({
  stack: z.string(),
  channel: channelDescription,
  host: z.string(),
  /** GiB of each volume, by the folder that it is mounted on. */
  sizes: z.record(z.string(), z.number()),
});

type FileSystemsInputs = z.infer<typeof inputs>;

const hasGrown = (before: FileSystemsInputs, next: FileSystemsInputs): boolean =>
  Object.entries(next.sizes).some(([mount, size]) => size > (before.sizes[mount] ?? Infinity));

async function grow(next: FileSystemsInputs): Promise<FileSystemsInputs> {
  const description = describedBy(next);
  const reachable = description.kind === 'rig' || description.method !== 'none';
  const done = reachable && (await growFileSystems(channelTo(next), next.host, next.sizes));
  if (!done) say(`${next.host}: its file systems fill their volumes when it boots next`);
  return next;
}

/**
 * `rig:index:FileSystems`: those on a host's volumes, which stand before it. A host makes them and has
 * them fill their volumes when it boots; here they follow volumes that grow while it runs.
 */
export const fileSystems: ResourceHandler<FileSystemsInputs, FileSystemsInputs> = {
  inputs,
  secrets: ['channel'],
  diff: (_id, state, next) => ({
    updates: changedKeys(state, next, ['channel', 'sizes']),
    replaces: changedKeys(state, next, ['stack', 'host']),
  }),
  // Its host has only begun to boot.
  create: (args) => Promise.resolve({ id: `${args.stack}/${args.host}`, state: args }),
  read: (_id, state) => Promise.resolve(state),
  update: (_id, state, next) => (hasGrown(state, next) ? grow(next) : Promise.resolve(next)),
  delete: () => Promise.resolve(),
};
