import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { type Applied, apply, takeUpSecrets } from '../configuration/apply.ts';
import { inspect, isBooted } from '../configuration/inspect.ts';
import { fileDigest, filesDigest, sha256 } from '../configuration/digest.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { type HostRecord, readHostRecord, writeHostRecord } from '../host-record.ts';
import { runtimeOf } from '../runtime.ts';
import { absolutePath, label, stackName } from '../schemas.ts';

const reaction = z.union([z.literal('none'), z.array(z.string()).min(1)]);

const renderedFile = z.object({
  // One line a file is how a host is told; no path of the kit has a blank in it.
  path: absolutePath.regex(/^\S+$/, 'a path without blanks'),
  content: z.string(),
  mode: z.string().regex(/^0[0-7]{3,4}$/, 'an octal mode, e.g. 0644'),
  owner: z.string().regex(/^[a-z_][a-z0-9_-]*:[a-z_][a-z0-9_-]*$/, 'user:group'),
  onChange: reaction,
});

const configurationInputs = z.object({
  stack: stackName,
  host: label,
  /** Pulumi id of the host: another life of it has other files. */
  hostId: z.string().min(1),
  files: z.array(renderedFile),
  /** The host's limit: a lowered one comes into force after the files. */
  memoryMiB: z.int().min(64).optional(),
  /** By name of the secret; another value has another version. */
  secretVersions: z.record(z.string(), z.string()).optional(),
  /** What makes a running host take up secrets that have changed. */
  onSecretsChange: reaction.optional(),
});
export type ConfigurationInputs = z.infer<typeof configurationInputs>;

export interface ConfigurationState {
  readonly stack: string;
  readonly host: string;
  readonly hostId: string;
  readonly memoryMiB: number | undefined;
  /** That the host has taken up; undefined in a state from before they were kept. */
  readonly secretVersions?: Readonly<Record<string, string>> | undefined;
  /** By path: what the host has, and the reaction to its change; no contents. */
  readonly files: Applied;
}

function appliedOf(inputs: ConfigurationInputs): Applied {
  return Object.fromEntries(
    inputs.files.map((file) => [
      file.path,
      { digest: fileDigest(file, sha256(file.content)), onChange: file.onChange },
    ]),
  );
}

const stateOf = (inputs: ConfigurationInputs): ConfigurationState => ({
  stack: inputs.stack,
  host: inputs.host,
  hostId: inputs.hostId,
  memoryMiB: inputs.memoryMiB,
  secretVersions: inputs.secretVersions,
  files: appliedOf(inputs),
});

function recordOf({ stack, host }: Pick<ConfigurationInputs, 'stack' | 'host'>): HostRecord {
  const record = readHostRecord(stack, host);
  if (record !== undefined) return record;
  throw new UserError({
    what: `host ${host} of ${stack} does not exist on this machine`,
    fix: 'npm run up -- --refresh makes it anew',
  });
}

async function bring(inputs: ConfigurationInputs, before: Applied): Promise<ConfigurationState> {
  const found = recordOf(inputs);
  const record = { ...found, known: true };
  // Its id came back from the state: no later `up` may take this life for a leftover.
  if (!found.known && found.id === inputs.hostId) writeHostRecord(record);
  // Still booting from user-data that holds these very files: nothing to compare, nothing to do.
  if (record.bootedFiles !== filesDigest(inputs.files)) await apply(record, inputs.files, before);
  // Only now has the host taken up settings for less memory than it had.
  const runtime = runtimeOf(record.kind);
  if (runtime.state(record) === 'running') runtime.limitMemory(record, 'exact');
  return stateOf(inputs);
}

/** The files as the host has them; undefined when there is no such host. */
async function liveState(state: ConfigurationState): Promise<ConfigurationState | undefined> {
  const record = readHostRecord(state.stack, state.host);
  if (record === undefined) return undefined;
  // While the host is down or in its first boot there is nothing to compare with.
  if (runtimeOf(record.kind).state(record) === 'stopped') return state;
  if (!(await isBooted(record))) return state;
  const found = await inspect(record, Object.keys(state.files));
  const files = Object.fromEntries(
    Object.entries(state.files).map(([path, { onChange }]) => [
      path,
      { digest: found[path] ?? 'missing', onChange },
    ]),
  );
  return { ...state, files };
}

/** The files of a host that a running host takes up. Those of a new host come with its user-data. */
export const configuration: ResourceHandler<ConfigurationInputs, ConfigurationState> = {
  inputs: configurationInputs,
  secrets: [],

  async diff(_id, state, inputs) {
    const wanted = stateOf(inputs);
    const replaces = changedKeys(state, wanted, ['stack', 'host']);
    // A file that was changed or removed by hand is put right without a refresh before.
    const live = (await liveState(state)) ?? state;
    return {
      updates: changedKeys(live, wanted, ['hostId', 'files', 'memoryMiB', 'secretVersions']),
      replaces,
    };
  },

  async create(inputs) {
    return { id: `${inputs.stack}/${inputs.host}`, state: await bring(inputs, {}) };
  },

  read: (_id, state) => liveState(state),

  async update(_id, state, inputs) {
    if (state.hostId !== inputs.hostId) return bring(inputs, {});
    // In the same life the first boot's word is not enough: its files may have been changed since.
    await apply(recordOf(inputs), inputs.files, state.files);
    // After the files: they may be what knows how.
    if (changedKeys(state, stateOf(inputs), ['secretVersions']).length > 0) {
      await takeUpSecrets(recordOf(inputs), inputs.onSecretsChange ?? 'none');
    }
    return stateOf(inputs);
  },

  delete: () => Promise.resolve(),
};
