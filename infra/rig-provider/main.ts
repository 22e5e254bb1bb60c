/** Entry of the plugin process: see `pulumi-resource-rig`. */
import { main } from '@pulumi/pulumi/provider/server.js';
import { provider } from './provider.ts';

await main(provider, process.argv.slice(2));
