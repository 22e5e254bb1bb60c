import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { changedKeys, explain, type ResourceHandler } from '../handler.ts';
import { removeEmptyFolders } from '../remains.ts';
import { label, stackName } from '../schemas.ts';
import {
  compareSize,
  createVolume,
  growVolume,
  makeVolume,
  removeVolume,
  volumeSize,
  whyNotResize,
} from '../volumes/volume.ts';

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

  admit(_before, next) {
    const refused = whyNotResize(next.stack, next.name, next.sizeGiB);
    return Promise.resolve(
      refused === undefined ? [] : [{ property: 'sizeGiB', reason: explain(refused) }],
    );
  },

  diff(_id, state, inputs) {
    const same = compareSize(state.stack, state.name, inputs.sizeGiB) === 0;
    return {
      updates: same ? [] : ['sizeGiB'],
      replaces: changedKeys(state, inputs, ['stack', 'name']),
    };
  },

  async create(inputs) {
    const { stack, name, sizeGiB } = inputs;
    await createVolume(stack, name, sizeGiB);
    return { id: `${stack}/${name}`, state: inputs };
  },

  read(_id, state) {
    const sizeGiB = volumeSize(state.stack, state.name);
    return Promise.resolve(sizeGiB === undefined ? undefined : { ...state, sizeGiB });
  },

  async update(_id, _state, inputs) {
    const { stack, name, sizeGiB } = inputs;
    const refused = whyNotResize(stack, name, sizeGiB);
    if (refused !== undefined) throw new UserError(refused);
    if (volumeSize(stack, name) === undefined) await makeVolume(stack, name, sizeGiB);
    else if (compareSize(stack, name, sizeGiB) < 0) await growVolume(stack, name, sizeGiB);
    return inputs;
  },

  async delete(_id, state) {
    await removeVolume(state.stack, state.name);
    removeEmptyFolders(state.stack);
  },
};
