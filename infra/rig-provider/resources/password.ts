import { randomBytes, randomInt } from 'node:crypto';
import { z } from 'zod';
import { changedKeys, noDifference, type ResourceHandler } from '../handler.ts';

const passwordInputs = z.object({
  kind: z.enum(['erlang-cookie', 'password']),
  /** A change of any makes a new value. */
  keepers: z.record(z.string(), z.string()).optional(),
});
export type PasswordInputs = z.infer<typeof passwordInputs>;

export interface PasswordState extends PasswordInputs {
  readonly value: string;
}

/** Erlang makes its own cookies of twenty capital letters; tools rely on there being no blanks. */
export function generate(kind: PasswordInputs['kind']): string {
  if (kind === 'password') return randomBytes(24).toString('base64url');
  return String.fromCharCode(...Array.from({ length: 20 }, () => 65 + randomInt(26)));
}

/** A secret that lives in the Pulumi state alone, encrypted. */
export const password: ResourceHandler<PasswordInputs, PasswordState> = {
  inputs: passwordInputs,
  secrets: ['value'],
  diff: (_id, state, inputs) => ({
    ...noDifference,
    replaces: changedKeys(state, inputs, ['kind', 'keepers']),
  }),
  create: (inputs, name) =>
    Promise.resolve({ id: name, state: { ...inputs, value: generate(inputs.kind) } }),
  read: (_id, state) => Promise.resolve(state),
  update: (_id, state) => Promise.resolve(state),
  delete: () => Promise.resolve(),
};
