import { randomBytes, randomInt } from 'node:crypto';
import { z } from 'zod';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { isOlder, moment } from './moment.ts';

const passwordInputs = z.object({
  kind: z.enum(['erlang-cookie', 'password']),
  /** A value from before this moment is replaced by a new one. */
  since: moment.optional(),
});
export type PasswordInputs = z.infer<typeof passwordInputs>;

export interface PasswordState extends PasswordInputs {
  readonly value: string;
  /** When the value was made; other values have other moments. */
  readonly version: string;
}

/** Erlang makes its own cookies of twenty capital letters; tools rely on there being no blanks. */
export function generate(kind: PasswordInputs['kind']): string {
  if (kind === 'password') return randomBytes(24).toString('base64url');
  return String.fromCharCode(...Array.from({ length: 20 }, () => 65 + randomInt(26)));
}

const make = (inputs: PasswordInputs): PasswordState => ({
  ...inputs,
  value: generate(inputs.kind),
  version: new Date().toISOString(),
});

/** A secret that lives in the Pulumi state alone, encrypted. */
export const password: ResourceHandler<PasswordInputs, PasswordState> = {
  inputs: passwordInputs,
  secrets: ['value'],
  diff: (_id, state, inputs) => ({
    updates: isOlder(state.version, inputs.since) ? ['since'] : [],
    replaces: changedKeys(state, inputs, ['kind']),
  }),
  create: (inputs, name) => Promise.resolve({ id: name, state: make(inputs) }),
  read: (_id, state) => Promise.resolve(state),
  update: (_id, _state, inputs) => Promise.resolve(make(inputs)),
  delete: () => Promise.resolve(),
};
