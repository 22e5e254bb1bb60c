import type { sendUnaryData, Server, ServerUnaryCall } from '@grpc/grpc-js';
import language from '@pulumi/pulumi/proto/language_pb.js';
import { LanguageRuntimeService } from '@pulumi/pulumi/proto/language_grpc_pb.js';
import plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import { provider } from '../../infra/rig-provider/provider.ts';
import { hear } from '../../infra/rig-provider/say.ts';
import { listen, offerProvider } from '../../infra/rig-provider/server.ts';

/**
 * The kit's program and its provider inside the command's own process, which is warm while Pulumi
 * still starts: the way of inline programs in Pulumi's automation API, and of a provider under a
 * debugger. Plain `pulumi up` starts a process for each.
 */
export interface Services {
  /** For Pulumi's command line. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

/** The SDK's server for inline programs, as far as it is used; it comes without types. */
interface InlineProgram {
  run(
    call: ServerUnaryCall<language.RunRequest, language.RunResponse>,
    reply: sendUnaryData<language.RunResponse>,
  ): void;
}

/**
 * Serves both on one port of this machine's loopback.
 * @param onWords takes what the provider says to people while it works
 */
export async function serve(
  verb: 'up' | 'destroy',
  onWords: (line: string) => void,
): Promise<Services> {
  const { server, port } = await listen();
  hear(onWords);
  offerProvider(server, provider);
  if (verb === 'up') offerProgram(server);
  const others = process.env['PULUMI_DEBUG_PROVIDERS'];
  return {
    argv: verb === 'up' ? [`--client=127.0.0.1:${port}`, '--exec-kind=auto.inline'] : [],
    environment: {
      PULUMI_DEBUG_PROVIDERS: [`rig:${port}`, ...(others === undefined ? [] : [others])].join(','),
    },
    close: () => {
      server.forceShutdown();
    },
  };
}

/** Loading SDK and program takes a while that Pulumi needs itself until it asks for them. */
function offerProgram(server: Server): void {
  const loaded = loadProgram();
  // Who runs it gets the failure.
  loaded.catch(() => undefined);
  server.addService(LanguageRuntimeService, {
    getPluginInfo: (_call: unknown, reply: sendUnaryData<plugin.PluginInfo>) => {
      const info = new plugin.PluginInfo();
      info.setVersion('1.0.0');
      reply(null, info);
    },
    getRequiredPlugins: (
      _call: unknown,
      reply: sendUnaryData<language.GetRequiredPluginsResponse>,
    ) => {
      reply(null, new language.GetRequiredPluginsResponse());
    },
    run: ((call, reply) => {
      loaded.then(
        (program) => {
          program.run(call, reply);
        },
        (error: unknown) => {
          reply(error instanceof Error ? error : new Error(String(error)));
        },
      );
    }) satisfies InlineProgram['run'],
  });
}

async function loadProgram(): Promise<InlineProgram> {
  const { LanguageServer } = (await import('@pulumi/pulumi/automation/server.js')) as unknown as {
    LanguageServer: new (program: () => unknown) => InlineProgram;
  };
  const { default: program } = await import('../../infra/index.ts');
  return new LanguageServer(program);
}
