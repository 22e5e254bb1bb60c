import { createHash } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import type { Graph, GraphResource } from '../../../infra/aws/checks/graph.ts';

/** A resource with what only the engine is told of it. */
export interface RegisteredResource extends GraphResource {
  readonly custom: boolean;
  readonly parent: string;
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** What a component states at its end; empty for others. */
  outputs: Readonly<Record<string, unknown>>;
}

/** A request to register a resource: what of Pulumi's own class is read here. */
interface Request {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getProtect(): boolean;
  getDeletebeforereplace(): boolean;
  getIgnorechangesList(): string[];
  getReplaceonchangesList(): string[];
  getDependenciesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getObject(): { toJavaScript(): Record<string, unknown> };
  getPropertydependenciesMap(): {
    forEach(each: (dependencies: { getUrnsList(): string[] }, key: string) => void): void;
  };
}

interface Response {
  getUrn(): string;
  getObject(): { toJavaScript(): Record<string, unknown> };
  setObject(outputs: unknown): void;
}

interface Monitor {
  registerResource: Register;
  registerResourceOutputs: (
    request: { getUrn(): string; getOutputs(): { toJavaScript(): Record<string, unknown> } },
    callback: (error: unknown, response: unknown) => void,
  ) => unknown;
}

type Register = (
  request: Request,
  callback: (error: unknown, response: unknown) => void,
) => unknown;

/** What stands in the place of a value that is a Pulumi secret. */
export const secretMark = '[secret]';

const account = '123456789012';

/** Values that AWS would give; `id` and the inputs come by themselves. */
const answers: Readonly<
  Record<string, (name: string, inputs: Readonly<Record<string, unknown>>) => object>
> = {
  'aws:kms/key:Key': (name) => ({ keyId: `${name}-id`, arn: arn('kms', `key/${name}`) }),
  'aws:ssm/parameter:Parameter': (_, { name, value }) => ({
    arn: arn('ssm', `parameter${String(name)}`),
    version: parameterVersion(value),
  }),
  'aws:ec2/routeTable:RouteTable': (name) => ({ arn: arn('ec2', `route-table/${name}`) }),
  'aws:ec2/networkInterface:NetworkInterface': (name) => ({
    arn: arn('ec2', `network-interface/${name}`),
  }),
  'aws:ec2/eip:Eip': (name) => ({
    arn: arn('ec2', `elastic-ip/${name}`),
    publicIp: '198.51.100.7',
  }),
  'aws:ec2/keyPair:KeyPair': (name) => ({ keyName: name }),
  'aws:ec2/placementGroup:PlacementGroup': (name) => ({ name }),
  'aws:iam/role:Role': (name) => ({ name }),
  'aws:iam/instanceProfile:InstanceProfile': (name) => ({ name }),
  'aws:route53/zone:Zone': (name) => ({ zoneId: `${name}-id` }),
  'aws:lb/targetGroup:TargetGroup': (name) => ({ arn: arn('elasticloadbalancing', name) }),
  'aws:lb/loadBalancer:LoadBalancer': (name) => ({
    arn: arn('elasticloadbalancing', name),
    dnsName: `${name}.elb.example`,
    zoneId: 'ZELB',
  }),
  'rig:index:Password': (name) => ({ value: secretValue(name), version: versionOf(name) }),
  'rig:tls:Authority': (name) => ({
    signer: { certificate: 'certificate', key: secretValue(name) },
    certificate: 'certificate',
    trusted: 'certificate',
  }),
  'rig:tls:Certificate': (name) => ({ value: secretValue(name), version: versionOf(name) }),
  'rig:ssh:Key': (name) => ({ publicKey: 'ssh-ed25519 AAAA', privateKey: secretValue(name) }),
};

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:eu-central-1:${account}:${resource}`;

/** The version of a parameter: another value has another one. */
const parameterVersion = (value: unknown): number =>
  createHash('sha256').update(JSON.stringify(value)).digest().readUInt32BE();

/** The version of such a value. */
export const versionOf = (name: string): string => `version-of-${name}`;

/** The value that a resource under mocks makes up; found again wherever it leaks to. */
export const secretValue = (name: string): string => `value-of-${name}`;

/**
 * Runs a program under mocks until every resource that it registers is there.
 * @param registered filled also when the program throws
 * @returns the resources, and the resolved outputs
 */
export async function registeredBy(
  stack: string,
  config: Readonly<Record<string, string>>,
  program: () => unknown,
  project = 'rabbitmq-ha-kit',
  registered: RegisteredResource[] = [],
): Promise<{ graph: RegisteredResource[]; outputs: unknown }> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: `${name}-id`,
        state: { ...(inputs as object), ...answers[type]?.(name, open(inputs)) },
      }),
      call: ({ token }) => {
        throw new Error(`the program asks AWS: ${token}`);
      },
    },
    project,
    stack,
  );
  pulumi.runtime.setAllConfig({ ...config });
  record(registered);
  // What a program throws while its outputs resolve is a rejection that nobody else awaits.
  const outputs = await valueOf(pulumi.output(program()));
  await pulumi.runtime.disconnect();
  return { graph: registered.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)), outputs };
}

/** Everything that must be there before the resource, at whatever distance. */
export function awaited(
  graph: readonly RegisteredResource[],
  { dependsOn }: RegisteredResource,
  seen = new Set<string>(),
): Set<string> {
  for (const urn of dependsOn.filter((each) => !seen.has(each))) {
    seen.add(urn);
    const next = graph.find((each) => each.urn === urn);
    if (next !== undefined) awaited(graph, next, seen);
  }
  return seen;
}

export const keyOf = ({ type, name }: Pick<GraphResource, 'type' | 'name'>): string =>
  `${type} ${name}`;

const open = (inputs: unknown): Record<string, unknown> => inputs as Record<string, unknown>;

function record(into: RegisteredResource[]): void {
  const { getMonitor } = pulumi.runtime as unknown as { getMonitor: () => Monitor };
  const monitor = getMonitor();
  const state = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, callback) => {
    const component = into.find(({ urn }) => urn === request.getUrn());
    const outputs = withoutSecrets(request.getOutputs().toJavaScript());
    if (component !== undefined) component.outputs = outputs as Record<string, unknown>;
    return state(request, callback);
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (error === null || error === undefined) {
        const registered = response as Response;
        hideSecrets(registered, request.getAdditionalsecretoutputsList());
        into.push(registeredFrom(request, registered.getUrn()));
      }
      callback(error, response);
    });
}

/** As the engine does, which mocks do not: outputs that a resource declares to be secrets are. */
function hideSecrets(response: Response, names: readonly string[]): void {
  const outputs = response.getObject().toJavaScript();
  for (const name of names.filter((each) => outputs[each] !== undefined)) {
    outputs[name] = { [signatureKey]: secretSignature, value: outputs[name] };
  }
  response.setObject(
    struct.Struct.fromJavaScript(outputs as Record<string, struct.JavaScriptValue>),
  );
}

function registeredFrom(request: Request, urn: string): RegisteredResource {
  const references: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((dependencies, key) => {
    references[key] = dependencies.getUrnsList().sort();
  });
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs: withoutSecrets(request.getObject().toJavaScript()) as Record<string, unknown>,
    references,
    dependsOn: request.getDependenciesList().sort(),
    protect: request.getProtect(),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    outputs: {},
  };
}

const signatureKey = '4dabf18193072939515e22adb298388d';
const secretSignature = '1b47061264138c4ac30d75fd1eb44270';

/** As the engine is sent them, with marks in place of what is sent as a secret. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value as Readonly<Record<string, unknown>>;
  if (entries[signatureKey] === secretSignature) return secretMark;
  return Object.fromEntries(
    Object.entries(entries).map(([key, each]) => [key, withoutSecrets(each)]),
  );
}

const valueOf = async <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

export type { Graph };
