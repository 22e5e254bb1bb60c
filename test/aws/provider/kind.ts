import { z } from 'zod';
import type { Account } from '../cloud/account.ts';

/** Properties as Pulumi has them, secrets unwrapped. */
export type Properties = Readonly<Record<string, unknown>>;

/** One type of resource: how its inputs become calls of the API, and what the API says of it. */
export interface Kind<Inputs> {
  readonly inputs: z.ZodType<Inputs>;
  /** Inputs whose change needs another resource; of all others the resource is updated. */
  readonly replaces: readonly string[];
  /** Properties that are secrets in the state. */
  readonly secrets?: readonly string[];
  /** @returns the id */
  create(account: Account, inputs: Inputs, name: string): Promise<string>;
  /**
   * What the API says now: outputs, and inputs as far as it tells them, by which a refresh finds drift.
   * Undefined when it does not know the resource.
   */
  read(account: Account, id: string, inputs: Inputs): Promise<Properties | undefined>;
  /** Absent where every change replaces. */
  update?(account: Account, id: string, before: Inputs, after: Inputs): Promise<unknown>;
  delete(account: Account, id: string, inputs: Inputs, state: Properties): Promise<unknown>;
}

/** Kinds in one table; the engine hands back what each one made. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the one place where types are erased
export type AnyKind = Kind<any>;

/** Names that a schema has and the real provider's arguments have not. */
type Invented<Shape, Args> = Exclude<keyof Shape, keyof Args>;

/**
 * A kind whose inputs are checked twice: by name, when it is compiled, against the arguments of the real
 * provider's resource; by shape, when a program runs, strictly against what the kit gives.
 */
export const kindOf =
  <Args>() =>
  <Shape extends z.ZodRawShape>(
    shape: Shape & Record<Invented<Shape, Args>, never>,
    kind: Omit<Kind<z.infer<z.ZodObject<Shape>>>, 'inputs'>,
  ): Kind<z.infer<z.ZodObject<Shape>>> => ({ ...kind, inputs: z.strictObject(shape) as never });

export const tags = z.record(z.string().min(1).max(128), z.string().max(256));
export const id = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-[0-9a-f]+$`), `an id that begins with ${prefix}-`);
export const arn = z.string().startsWith('arn:aws:');

/** As the real provider does it: the logical name, a dash and seven digits. */
export const autoName = (name: string): string =>
  `${name}-${Math.floor(Math.random() * 16 ** 7)
    .toString(16)
    .padStart(7, '0')}`;

/** Tags in the form of most services. */
export const tagList = (
  given: Readonly<Record<string, string>>,
): { Key: string; Value: string }[] =>
  Object.entries(given).map(([Key, Value]) => ({ Key, Value }));

/** Undefined for an error that says "there is no such thing"; any other is thrown. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    const code = error instanceof Error ? error.name : '';
    if (/NotFound|NoSuch|InvalidPlacementGroup.Unknown|DoesNotExist/.test(code)) return undefined;
    throw error;
  }
}

/** An id that the answer must hold. */
export function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the API answered without ${what}`);
  return value;
}
