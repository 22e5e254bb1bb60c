import { z } from 'zod';
import type { ResourceHandler } from '../handler.ts';
import { type BuiltImage, ensureImage, findImage } from '../images/index.ts';
import { say } from '../say.ts';

const imageInputs = z.object({
  name: z.enum([
    'bookworm',
    'bookworm-machine',
    'trixie',
    'trixie-machine',
    'trixie-monitor',
    'trixie-monitor-machine',
    'trixie-replicated',
    'trixie-replicated-machine',
  ]),
});
export type ImageInputs = z.infer<typeof imageInputs>;

export interface ImageState extends ImageInputs {
  /** Hash of what goes into the image. */
  readonly hash: string;
  /** Folder of its root file system, or of its disk for machines; read-only, shared by all hosts. */
  readonly rootfs: string;
}

const stateOf = ({ name }: ImageInputs, { hash, rootfs }: BuiltImage): ImageState => ({
  name,
  hash,
  rootfs,
});

async function ensure(inputs: ImageInputs): Promise<ImageState> {
  return stateOf(inputs, await ensureImage(inputs.name, say));
}

/** A base image in the cache of this machine, shared by all stacks: deleting it is the cache's. */
export const image: ResourceHandler<ImageInputs, ImageState> = {
  inputs: imageInputs,
  secrets: [],

  diff(_id, state, inputs) {
    const replaces = state.name === inputs.name ? [] : ['name'];
    const found = findImage(inputs.name);
    const current = found?.hash === state.hash && found.rootfs === state.rootfs;
    return { updates: current ? [] : ['hash'], replaces };
  },

  create: async (inputs) => ({ id: inputs.name, state: await ensure(inputs) }),

  read(_id, state) {
    const found = findImage(state.name);
    return Promise.resolve(found === undefined ? undefined : stateOf(state, found));
  },

  update: (_id, _state, inputs) => ensure(inputs),
  delete: () => Promise.resolve(),
};
