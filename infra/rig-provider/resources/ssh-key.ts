import { z } from 'zod';
import { createSshKey } from '../../ssh-key.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';

const sshKeyInputs = z.object({
  /** What the public half says of itself. */
  comment: z.string().regex(/^[\w.@-]{1,100}$/),
});
export type SshKeyInputs = z.infer<typeof sshKeyInputs>;

export interface SshKeyState extends SshKeyInputs {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** A pair of keys that lives in the Pulumi state alone, the private half encrypted. */
export const sshKey: ResourceHandler<SshKeyInputs, SshKeyState> = {
  inputs: sshKeyInputs,
  secrets: ['privateKey'],
  diff: (_id, state, inputs) => ({
    updates: [],
    replaces: changedKeys(state, inputs, ['comment']),
  }),
  create: (inputs, name) =>
    Promise.resolve({ id: name, state: { ...inputs, ...createSshKey(inputs.comment) } }),
  read: (_id, state) => Promise.resolve(state),
  update: (_id, state) => Promise.resolve(state),
  delete: () => Promise.resolve(),
};
