import { z } from 'zod';
import { UserError, type UserErrorParts } from '../../errors.ts';
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
} from '../volumes/volume.ts';

const volumeInputs = z.object({
  stack: stackName,
  name: label,
  sizeGiB: z.number().min(0.05).max(16_384),
});
export type VolumeInputs = z.infer<typeof volumeInputs>;

function shrinking({ stack, name, sizeGiB }: VolumeInputs): UserErrorParts {
  return {
    what: `volume ${name} of ${stack} cannot shrink`,
    value: `${sizeGiB} GiB`,
    allowed: `${volumeSize(stack, name) ?? 0} GiB or more`,
    fix: 'restore the size in the config, or take the environment down and up again',
  };
}

/** A disk that outlives its host. */
export const volume: ResourceHandler<VolumeInputs, VolumeInputs> = {
  inputs: volumeInputs,
  secrets: [],

  admit(_before, next) {
    const exists = volumeSize(next.stack, next.name) !== undefined;
    const shrinks = exists && compareSize(next.stack, next.name, next.sizeGiB) > 0;
    return Promise.resolve(
      shrinks ? [{ property: 'sizeGiB', reason: explain(shrinking(next)) }] : [],
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
    if (volumeSize(stack, name) === undefined) await makeVolume(stack, name, sizeGiB);
    else if (compareSize(stack, name, sizeGiB) > 0) throw new UserError(shrinking(inputs));
    else await growVolume(stack, name, sizeGiB);
    return inputs;
  },

  async delete(_id, state) {
    await removeVolume(state.stack, state.name);
    removeEmptyFolders(state.stack);
  },
};
