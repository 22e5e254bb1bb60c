import { credentials } from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engine from '@pulumi/pulumi/proto/engine_pb.js';

/**
 * Tells people through the engine: it keeps what a plugin writes to standard error to itself.
 * @param address of the engine, as it names it to its plugins
 */
export function wordsTo(address: string): (line: string) => void {
  const client = new EngineClient(address, credentials.createInsecure());
  return (line) => {
    const request = new engine.LogRequest();
    request.setSeverity(engine.LogSeverity.INFO);
    request.setMessage(line);
    // Words that do not arrive are no reason to stop what they are about.
    client.log(request, () => undefined);
  };
}
