import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { removeEmptyFolders } from '../remains.ts';
import { label, stackName } from '../schemas.ts';
import { growVolume, makeVolume, removeVolume, volumeSize } from '../volumes/volume.ts';

const volumeInputs = z.object({
  stack: stackName,
  name: label,
  sizeGiB: z.number().min(0.05).max(16_384),
});
export type VolumeInputs = z.infer<typeof volumeInputs>;

/** A disk that outlives its host. */
export const volume: ResourceHandler<VolumeInputs, VolumeInputs> = {
  inputs: volumeInputs,
  secrets: [],

  diff(_id, state, inputs) {
    const replaces = changedKeys(state, inputs, ['stack', 'name']);
    const found = volumeSize(state.stack, state.name);
    return {
      updates: found === inputs.sizeGiB ? [] : ['sizeGiB'],
      replaces,
    };
  },

  async create(inputs) {
    const { stack, name, sizeGiB } = inputs;
    // What an interrupted create left behind is complete, but nobody's.
    await removeVolume(stack, name);
    await makeVolume(stack, name, sizeGiB);
    return { id: `${stack}/${name}`, state: inputs };
  },

  read(_id, state) {
    const sizeGiB = volumeSize(state.stack, state.name);
    return Promise.resolve(sizeGiB === undefined ? undefined : { ...state, sizeGiB });
  },

  async update(_id, _state, inputs) {
    const { stack, name, sizeGiB } = inputs;
    const found = volumeSize(stack, name);
    if (found === undefined) await makeVolume(stack, name, sizeGiB);
    else if (sizeGiB < found) {
      throw new UserError({
        what: `volume ${name} of ${stack} cannot shrink`,
        value: `${sizeGiB} GiB`,
        allowed: `${found} GiB or more`,
        fix: 'restore the size in the config, or take the environment down and up again',
      });
    } else if (sizeGiB > found) await growVolume(stack, name, sizeGiB);
    return inputs;
  },

  async delete(_id, state) {
    await removeVolume(state.stack, state.name);
    removeEmptyFolders(state.stack);
  },
};
