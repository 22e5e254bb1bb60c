/** Entry of the plugin process: see `pulumi-resource-aws`. */
import { listen, offerProvider } from '../../../infra/rig-provider/server.ts';
import { provider } from './provider.ts';

const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit(1);
}, 250).unref();

const { server, port } = await listen();
offerProvider(server, provider);
// The engine reads it from the first line.
process.stdout.write(`${port}\n`);
