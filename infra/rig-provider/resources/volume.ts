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
  /** A disk without a file system is for a host that makes its own use of it. */
  format: z.literal('none').optional(),
});
export type VolumeInputs = z.infer<typeof volumeInputs>;

/** A disk that outlives its host. */
export const volume: ResourceHandler<VolumeInputs, VolumeInputs> = {
  inputs: volumeInputs,
  secrets: [],

  admit(_before, next) {
    const refused = whyNotResize(next.stack, next.name, next.sizeGiB, next.format);
    return Promise.resolve(
      refused === undefined ? [] : [{ property: 'sizeGiB', reason: explain(refused) }],
    );
  },

  diff(_id, state, inputs) {
    const same = compareSize(state.stack, state.name, inputs.sizeGiB) === 0;
    return {
      updates: same ? [] : ['sizeGiB'],
      replaces: changedKeys(state, inputs, ['stack', 'name', 'format']),
    };
  },

  async create(inputs) {
    const { stack, name, sizeGiB, format } = inputs;
    await createVolume(stack, name, sizeGiB, format);
    return { id: `${stack}/${name}`, state: inputs };
  },

  read(_id, state) {
    const sizeGiB = volumeSize(state.stack, state.name);
    return Promise.resolve(sizeGiB === undefined ? undefined : { ...state, sizeGiB });
  },

  async update(_id, _state, inputs) {
    const { stack, name, sizeGiB, format } = inputs;
    const refused = whyNotResize(stack, name, sizeGiB, format);
    if (refused !== undefined) throw new UserError(refused);
    if (volumeSize(stack, name) === undefined) await makeVolume(stack, name, sizeGiB, format);
    else if (compareSize(stack, name, sizeGiB) < 0) await growVolume(stack, name, sizeGiB);
    return inputs;
  },

  async delete(_id, state) {
    await removeVolume(state.stack, state.name);
    removeEmptyFolders(state.stack);
  },
};
