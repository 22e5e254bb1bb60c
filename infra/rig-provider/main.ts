/** Entry of the plugin process: see `pulumi-resource-rig`. */
import { main } from '@pulumi/pulumi/provider/server.js';
import { provider } from './provider.ts';

// An engine that was killed tells nobody. Its plugin must not go on changing what the next `up`
// is already at.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit(1);
}, 250).unref();

await main(provider, process.argv.slice(2));
