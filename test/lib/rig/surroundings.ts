import { join } from 'node:path';
import { testFolder } from './places.ts';

/**
 * Set-up file of the `rig` tests: state, disks and records of their stacks are apart from the
 * user's own, and their stack files are written by the tests. Commands inherit it. The caches are
 * shared: building images and tools is not what is tested here.
 */
const places = { STATE: 'state', DISKS: 'disks', RUN: 'run', STACKS: 'stacks', LOGS: 'logs' };
for (const [name, folder] of Object.entries(places)) {
  process.env[`RABBITMQ_HA_KIT_${name}`] = join(testFolder, folder);
}
for (const name of Object.keys(process.env)) {
  // A developer's own backend or stack must not be what the tests work on.
  if (name.startsWith('PULUMI_')) Reflect.deleteProperty(process.env, name);
}
