/**
 * The resources of an environment as checks see them, wherever they come from: a program under mocks, or an
 * engine that asks a policy pack. Plain data.
 */
export interface GraphResource {
  /** E.g. `aws:ec2/instance:Instance`. */
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** What the program asked for; values that only a deployment knows are undefined. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** By input: URNs of the resources that it was made from. */
  readonly references: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
}

export type Graph = readonly GraphResource[];

/** A resource that is not as it has to be. */
export interface Finding {
  readonly resource: Pick<GraphResource, 'type' | 'name' | 'urn'>;
  /** What is wrong, and what would be right. */
  readonly problem: string;
}

export const ofType = (graph: Graph, ...types: readonly string[]): GraphResource[] =>
  graph.filter(({ type }) => types.includes(type));

export const finding = ({ type, name, urn }: GraphResource, problem: string): Finding => ({
  resource: { type, name, urn },
  problem,
});

/** Value at a path of keys; undefined where it ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Readonly<Record<string | number, unknown>>)[key];
  }
  return here;
}
