import { z } from 'zod';
import { channelDescription, hasWay } from '../../channels/description.ts';
import { channelTo, describedBy } from '../../channels/open.ts';
import { renewSecrets } from '../../operations/host-secrets.ts';
import { lateFilesName } from '../../render/late-files.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { say, sayHeld } from '../say.ts';
import { label, stackName } from '../schemas.ts';

const inputs = z.strictObject({
  stack: stackName,
  channel: channelDescription.optional(),
  host: label,
  /** By name of the secret, and of the files that follow the hosts; another value has another version. */
  versions: z.record(z.string(), z.string()),
  /** What makes the running host take up secrets that have changed. */
  onChange: z.union([z.literal('none'), z.array(z.string()).min(1)]),
});

type HostSecretsInputs = z.infer<typeof inputs>;

/**
 * `rig:index:HostSecrets`: secrets of a host that fetches them itself, and the files that come beside them. At
 * its boot it does so unasked, so that creating this does nothing; when one has changed since, it is asked to
 * fetch and to take it up.
 */
export const hostSecrets: ResourceHandler<HostSecretsInputs, HostSecretsInputs> = {
  inputs,
  secrets: ['channel'],
  diff: (_id, state, next) => ({
    updates: changedKeys(state, next, ['versions']),
    replaces: changedKeys(state, next, ['stack', 'host']),
  }),
  create: (args) => Promise.resolve({ id: `${args.stack}/${args.host}`, state: args }),
  read: (_id, state) => Promise.resolve(state),
  update: async (_id, { versions }, next) => {
    const { host } = next;
    const changed = changedKeys(versions, next.versions, Object.keys(next.versions));
    if (!hasWay(describedBy(next))) {
      say(
        `${host} cannot be told that ${changed.join(', ')} have changed (aws.access.method: none): it fetches them when it boots next`,
      );
      return next;
    }
    // Each file brings a reaction of its own.
    const reaction = changed.every((name) => name === lateFilesName) ? 'none' : next.onChange;
    const fetched = await renewSecrets(channelTo(next), { host, reaction }, sayHeld);
    const names = fetched.length === 0 ? 'nothing that it did not have' : fetched.join(', ');
    say(`${host} fetched what has changed and took up ${names}`);
    return next;
  },
  delete: () => Promise.resolve(),
};
