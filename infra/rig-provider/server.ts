import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import struct from 'google-protobuf/google/protobuf/struct_pb.js';
import plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import wire from '@pulumi/pulumi/proto/provider_pb.js';
import { ResourceProviderService } from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import type { DiffResult, Provider } from '@pulumi/pulumi/provider/provider.js';

/**
 * The provider on the engine's wire. The SDK's own server can only be a process of its own that
 * prints its port; this one runs in a command's process too, and loads nothing but the wire itself.
 */
export type ResourceProvider = Required<
  Pick<Provider, 'version' | 'check' | 'create' | 'read' | 'update' | 'delete'>
> & {
  /**
   * @param oldInputs what the program said last, or a refresh found; `olds` is the whole state
   * @returns also paths of what has changed, by which the engine finds what a program has it replace for
   */
  diff(
    id: string,
    urn: string,
    olds: unknown,
    news: unknown,
    oldInputs?: unknown,
  ): Promise<DiffResult & { readonly changedPaths?: readonly string[] }>;
};

/** State files of many hosts are large; the engine's own limit is the same. */
const maxMessageBytes = 400 * 1024 * 1024;

type Struct = InstanceType<typeof struct.Struct>;
type Properties = Record<string, unknown>;

const propertiesOf = (message: Struct | undefined): Properties => message?.toJavaScript() ?? {};

const messageOf = (properties: Properties): Struct =>
  struct.Struct.fromJavaScript(properties as Parameters<typeof struct.Struct.fromJavaScript>[0]);

/** An answer that is computed; what it throws reaches the engine as its message. */
function answer<Request, Response>(
  compute: (request: Request) => Promise<Response> | Response,
): (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>) => void {
  return (call, reply) => {
    Promise.resolve()
      .then(() => compute(call.request))
      .then(
        (response) => {
          reply(null, response);
        },
        (error: unknown) => {
          const details = error instanceof Error ? error.message : String(error);
          reply({ code: status.UNKNOWN, details });
        },
      );
  };
}

/** What the engine asks of any provider before it asks about resources. */
const greetings = (version: string): UntypedServiceImplementation => ({
  getPluginInfo: answer(() => {
    const info = new plugin.PluginInfo();
    info.setVersion(version);
    return info;
  }),
  configure: answer(() => {
    const accepted = new wire.ConfigureResponse();
    accepted.setAcceptsecrets(true);
    accepted.setAcceptresources(true);
    accepted.setAcceptoutputs(true);
    return accepted;
  }),
  getSchema: answer(() => {
    const schema = new wire.GetSchemaResponse();
    schema.setSchema('{}');
    return schema;
  }),
  // The engine names its own address; the provider has nothing to say to it.
  attach: answer(() => new empty.Empty()),
  // What is under way goes on to its end: half a host is worth less than a late one.
  cancel: answer(() => new empty.Empty()),
});

function looks(provider: ResourceProvider): UntypedServiceImplementation {
  return {
    check: answer(async (request: wire.CheckRequest) => {
      const olds = propertiesOf(request.getOlds());
      const news = propertiesOf(request.getNews());
      const { failures = [] } = await provider.check(request.getUrn(), olds, news);
      const checked = new wire.CheckResponse();
      // Inputs are never changed by a check, so they go back as they came.
      checked.setInputs(request.getNews());
      checked.setFailuresList(
        failures.map(({ property, reason }) => {
          const failure = new wire.CheckFailure();
          failure.setProperty(property);
          failure.setReason(reason);
          return failure;
        }),
      );
      return checked;
    }),
    diff: answer(async (request: wire.DiffRequest) => {
      const olds = propertiesOf(request.getOlds());
      const news = propertiesOf(request.getNews());
      const before = propertiesOf(request.getOldInputs());
      const found = await provider.diff(request.getId(), request.getUrn(), olds, news, before);
      const { DIFF_SOME, DIFF_NONE } = wire.DiffResponse.DiffChanges;
      const difference = new wire.DiffResponse();
      difference.setChanges(found.changes === true ? DIFF_SOME : DIFF_NONE);
      difference.setReplacesList(found.replaces ?? []);
      difference.setDiffsList([...(found.changedPaths ?? [])]);
      difference.setDeletebeforereplace(found.deleteBeforeReplace === true);
      return difference;
    }),
    read: answer(async (request: wire.ReadRequest) => {
      const props = propertiesOf(request.getProperties());
      const found = await provider.read(request.getId(), request.getUrn(), props);
      const live = new wire.ReadResponse();
      live.setId(found.id ?? '');
      live.setProperties(messageOf((found.props ?? {}) as Properties));
      if (found.inputs !== undefined) live.setInputs(messageOf(found.inputs as Properties));
      return live;
    }),
  };
}

function deeds(provider: ResourceProvider): UntypedServiceImplementation {
  return {
    create: answer(async (request: wire.CreateRequest) => {
      const props = propertiesOf(request.getProperties());
      const made = await provider.create(request.getUrn(), props);
      const created = new wire.CreateResponse();
      created.setId(made.id);
      created.setProperties(messageOf((made.outs ?? {}) as Properties));
      return created;
    }),
    update: answer(async (request: wire.UpdateRequest) => {
      const olds = propertiesOf(request.getOlds());
      const news = propertiesOf(request.getNews());
      const made = await provider.update(request.getId(), request.getUrn(), olds, news);
      const updated = new wire.UpdateResponse();
      updated.setProperties(messageOf((made.outs ?? {}) as Properties));
      return updated;
    }),
    delete: answer(async (request: wire.DeleteRequest) => {
      const props = propertiesOf(request.getProperties());
      await provider.delete(request.getId(), request.getUrn(), props);
      return new empty.Empty();
    }),
  };
}

/** A gRPC server on a free loopback port, which keeps the process alive until it is shut down. */
export async function listen(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = new Server({ 'grpc.max_receive_message_length': maxMessageBytes });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { server, port };
}

export function offerProvider(server: Server, provider: ResourceProvider): void {
  server.addService(ResourceProviderService, {
    ...greetings(provider.version),
    ...looks(provider),
    ...deeds(provider),
  });
}
