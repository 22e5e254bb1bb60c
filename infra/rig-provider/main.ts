/** Entry of the plugin process: see `pulumi-resource-rig`. */
import { flushCompileCache } from 'node:module';
import { wordsTo } from './engine-words.ts';
import { provider } from './provider.ts';
import { hear } from './say.ts';
import { listen, offerProvider } from './server.ts';

// An engine that was killed tells nobody. Its plugin must not go on changing what the next `up`
// is already at.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit(1);
}, 250).unref();

// The engine ends its plugins with SIGKILL, before Node would keep what it compiled for the next one.
setInterval(flushCompileCache, 400).unref();

const address = process.argv[2];
if (address !== undefined) hear(wordsTo(address));

const { server, port } = await listen();
offerProvider(server, provider);
// The engine reads it from the first line.
process.stdout.write(`${port}\n`);
