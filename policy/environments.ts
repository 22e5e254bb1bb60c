import type { PolicyResource } from '@pulumi/policy';
import type { Graph, GraphResource } from '../infra/aws/checks/graph.ts';
import type { Flow } from '../infra/plan/model.ts';

/** An environment on aws as the engine knows it. */
export interface JudgedEnvironment {
  readonly graph: Graph;
  readonly flows: readonly Flow[];
}

const component = 'kit:index:RabbitmqEnvironment';

/** The environments of a stack, each with what is below it; what else a program makes is not judged. */
export const environmentsIn = (resources: readonly PolicyResource[]): JudgedEnvironment[] =>
  resources
    .filter(({ type }) => type === component)
    .map((environment) => ({
      graph: resources
        .filter(({ parent }) => parent?.urn === environment.urn)
        .map((resource) => graphResource(resource)),
      // Stated by the component itself; a rig's states none.
      flows: (known(environment.props['flows']) ?? []) as Flow[],
    }));

const graphResource = (resource: PolicyResource): GraphResource => ({
  type: resource.type,
  name: resource.name,
  urn: resource.urn,
  inputs: known(resource.props) as Readonly<Record<string, unknown>>,
  references: Object.fromEntries(
    Object.entries(resource.propertyDependencies).map(([property, from]) => [
      property,
      from.map(({ urn }) => urn),
    ]),
  ),
  protect: resource.opts.protect,
});

/** A plain copy, without what only a deployment knows: the SDK throws where such a value is touched. */
function known(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((_, index) => read(value, index));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).map((key) => [key, read(value, key)]));
}

function read(holder: object, key: string | number): unknown {
  try {
    return known((holder as Readonly<Record<string | number, unknown>>)[key]);
  } catch {
    return undefined;
  }
}
