import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { channelTo } from '../../channels/open.ts';
import { spareSharedHost } from '../../operations/turn/shared-broker.ts';
import { firstBootWentWell } from '../configuration/apply.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { createHost, removeHost, startHost, writeSeed } from '../host-life.ts';
import {
  hostFacts,
  type HostLife,
  type HostRecord,
  readHostRecord,
  writeHostRecord,
} from '../host-record.ts';
import { digest } from '../names.ts';
import { removeEmptyFolders } from '../remains.ts';
import { type HostState as PowerState, runtimeOf } from '../runtime.ts';
import { sayHeld } from '../say.ts';
import { Turns } from '../turns.ts';

const secretName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'a file name');

const hostInputs = hostFacts.extend({
  /** `#cloud-config`, clear text. */
  userData: z.string().startsWith('#', 'cloud-init user-data begins with a "#" line'),
  /**
   * Digest of the files inside the user-data (see `filesDigest`). Without it the host's first
   * configuration looks at the host.
   */
  filesDigest: z.string().optional(),
  /** By file name below the host's secret folder. */
  secrets: z.record(secretName, z.string()),
});
export type HostInputs = z.infer<typeof hostInputs>;

export interface HostState extends Omit<HostInputs, 'userData'> {
  readonly userDataDigest: string;
  readonly state: PowerState;
}

/** A change of any of these makes another host. */
const replacing = [
  'stack',
  'name',
  'fqdn',
  'kind',
  'image',
  'network',
  'zone',
  'address',
  'prefixLength',
  'gateway',
  'volumes',
  'fences',
] as const;
const updating = [
  'filesDigest',
  'secrets',
  'memoryMiB',
  'labels',
  'userDataDigest',
  'state',
] as const;
/** A machine has its size for life, like an instance of a cloud. */
const replacingMachines = [...replacing, 'memoryMiB', 'cpus'] as const;

/** Of all hosts in this engine run; a run is about one stack. */
const turns = new Turns();
const powerOffMs = 20_000;
/** For the copy of a disk to come up to date on the host that was replaced before, and the broker to move. */
const spareMs = 600_000;

/**
 * A host keeps the image that it was made from as long as that exists: a newer one must not replace
 * every host behind the user's back, and one that is gone lets no host start again.
 */
function withImage(inputs: HostInputs, current: string): HostInputs {
  return { ...inputs, image: existsSync(current) ? current : inputs.image };
}

/** The second half of a host's replacement: it is back before the next one goes. */
async function finishReplacement(inputs: HostInputs, id: string): Promise<HostState> {
  const make = async (): Promise<HostState> => {
    const state = await createNew(inputs, id);
    const record = recordOfLife(id, state);
    if (record !== undefined) await firstBootWentWell(record);
    return state;
  };
  return turns.step(inputs.name, make, 'last');
}

/** Units and packages come at a first boot: a balancer of another front end is another host. */
const isOfAnotherFrontEnd = (before: HostInputs['labels'], next: HostInputs['labels']): boolean =>
  next['roles'] === 'balancer' && before['frontEnd'] !== next['frontEnd'];

function stateOf(inputs: HostInputs): HostState {
  const { userData, ...rest } = inputs;
  return { ...rest, userDataDigest: digest(userData), state: 'running' };
}

function recordOf(
  inputs: HostInputs,
  { id, bootedFiles, unsettledFiles, known }: HostLife,
): HostRecord {
  return { ...hostFacts.parse(inputs), id, bootedFiles, unsettledFiles, known };
}

async function createNew(inputs: HostInputs, id: string): Promise<HostState> {
  const record = recordOf(inputs, {
    id,
    bootedFiles: inputs.filesDigest ?? '',
    unsettledFiles: [],
    known: false,
  });
  await createHost(record, inputs.userData, inputs.secrets);
  return stateOf(inputs);
}

/** The record of this life of the host; another life's does not count. */
function recordOfLife(id: string, state: HostState): HostRecord | undefined {
  const record = readHostRecord(state.stack, state.name);
  return record?.id === id ? record : undefined;
}

export const host: ResourceHandler<HostInputs, HostState> = {
  inputs: hostInputs,
  secrets: ['secrets'],

  diff(id, state, inputs) {
    const next = withImage(inputs, state.image);
    const keys = state.kind === 'machine' ? replacingMachines : replacing;
    const replaces: string[] = changedKeys(state, next, keys);
    if (isOfAnotherFrontEnd(state.labels, next.labels)) replaces.push('labels');
    const record = recordOfLife(id, state);
    const power = record === undefined ? 'stopped' : runtimeOf(record.kind).state(record);
    if (replaces.length > 0) turns.announce(state.name, power);
    const live = { ...state, state: state.state === 'running' ? power : state.state };
    return { updates: changedKeys(live, stateOf(next), updating), replaces };
  },

  async create(inputs) {
    const id = `${inputs.name}-${randomBytes(4).toString('hex')}`;
    if (turns.holds(inputs.name)) return { id, state: await finishReplacement(inputs, id) };
    return { id, state: await createNew(inputs, id) };
  },

  read(id, state) {
    const record = recordOfLife(id, state);
    if (record === undefined) return Promise.resolve(undefined);
    return Promise.resolve({ ...state, state: runtimeOf(record.kind).state(record) });
  },

  async update(id, state, wanted) {
    const inputs = withImage(wanted, state.image);
    const before = recordOfLife(id, state);
    // Its disks went since the last look at it: the same host begins a new life under its old id.
    if (before === undefined) return createNew(inputs, id);
    const record = recordOf(inputs, { ...before, known: true });
    writeSeed(record, inputs.userData);
    writeHostRecord(record);
    const runtime = runtimeOf(record.kind);
    if (runtime.state(record) === 'stopped') await startHost(record, inputs.secrets);
    else {
      // A lower limit waits for the configuration: the broker must have given memory back first.
      runtime.limitMemory(record, 'raise');
      if (changedKeys(state, inputs, ['secrets']).length > 0) {
        await runtime.replaceSecrets(record, inputs.secrets);
      }
    }
    return stateOf(inputs);
  },

  async delete(id, state) {
    const record = readHostRecord(state.stack, state.name);
    // A later life of the same name is not this resource's to end.
    if (record !== undefined && record.id !== id) return;
    if (!turns.isAnnounced(state.name)) {
      await removeHost(state);
      removeEmptyFolders(state.stack);
      return;
    }
    const patience = record === undefined ? 1 : runtimeOf(record.kind).patience(record);
    await turns.take(state.name, patience);
    const stopAndRemove = async (): Promise<void> => {
      await spareSharedHost(channelTo({ stack: state.stack }), state.name, {
        deadlineMs: spareMs * patience,
        onHeld: sayHeld,
      });
      if (record !== undefined) await runtimeOf(record.kind).powerOff(record, powerOffMs);
      await removeHost(state);
    };
    await turns.step(state.name, stopAndRemove, 'first');
  },
};
