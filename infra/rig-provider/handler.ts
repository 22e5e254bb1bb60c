import type { z } from 'zod';
import { canonical } from '../canonical-json.ts';
import type { UserErrorParts } from '../errors.ts';

/** What a change of inputs means for a live resource. */
export interface Difference {
  /** Names of inputs or facts that make an update necessary. */
  readonly updates: readonly string[];
  /** Names of inputs that need a new resource; the old one is deleted first. */
  readonly replaces: readonly string[];
}

export const noDifference: Difference = { updates: [], replaces: [] };

/** Why an input is refused; the property's name and one sentence. */
export interface Refusal {
  readonly property: string;
  readonly reason: string;
}

/** An id of Pulumi with the outputs that go into the state. */
export interface Live<State> {
  readonly id: string;
  readonly state: State;
}

/**
 * One kind of Pulumi resource. Inputs arrive checked, with secrets unwrapped; a create or a delete
 * that was cut off at any point must be repeatable.
 */
export interface ResourceHandler<Inputs, State> {
  readonly inputs: z.ZodType<Inputs>;
  /** Outputs that are secrets in the Pulumi state. */
  readonly secrets: readonly (keyof State & string)[];
  /**
   * Refuses a change of inputs that is well formed, already in the preview; asked only when the
   * resource exists and all inputs are known. Empty when it may go on.
   */
  admit?(before: Inputs, next: Inputs): Promise<readonly Refusal[]>;
  /**
   * Refuses a resource that does not exist yet, already in the preview, where `next` has only those of
   * its inputs that are known. Empty when it may go on.
   */
  admitFirst?(next: Partial<Inputs>): Promise<readonly Refusal[]>;
  /** May look at the live resource too, so that `up` mends what died without a refresh. */
  diff(id: string, state: State, inputs: Inputs): Difference | Promise<Difference>;
  create(inputs: Inputs, name: string): Promise<Live<State>>;
  /** The state as it is on this machine; undefined when the resource is gone. */
  read(id: string, state: State): Promise<State | undefined>;
  update(id: string, state: State, inputs: Inputs): Promise<State>;
  delete(id: string, state: State): Promise<void>;
}

/** Handlers of different resources in one table; the engine hands back what each one made. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one place where types are erased
export type AnyHandler = ResourceHandler<any, any>;

/** Names of the keys whose values differ; compared as JSON, so undefined equals absent. */
export function changedKeys<T extends object>(
  before: Partial<T>,
  after: T,
  keys: readonly (keyof T & string)[],
): string[] {
  return keys.filter((key) => canonical(before[key]) !== canonical(after[key]));
}

/** One message that holds all parts: the engine shows nothing but an error's message. */
export function explain(parts: UserErrorParts): string {
  const { what, value, allowed, fix } = parts;
  const listed = typeof allowed === 'string' ? allowed : allowed?.join(', ');
  return [
    value === undefined ? what : `${what}: ${value}`,
    ...(listed === undefined ? [] : [`allowed: ${listed}`]),
    ...(fix === undefined ? [] : [`fix: ${fix}`]),
  ].join('; ');
}
