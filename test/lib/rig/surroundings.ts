import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Set-up file of the `rig` tests: state, disks and records of their stacks are apart from the
 * user's own, and their stack files are written by the tests. Commands inherit it. The caches are
 * shared: building images and tools is not what is tested here.
 */
const base = join(tmpdir(), 'rabbitmq-ha-kit-test');
const places = { STATE: 'state', DISKS: 'disks', RUN: 'run', STACKS: 'stacks', LOGS: 'logs' };
for (const [name, folder] of Object.entries(places)) {
  process.env[`RABBITMQ_HA_KIT_${name}`] = join(base, folder);
}
for (const name of Object.keys(process.env)) {
  // A developer's own backend or stack must not be what the tests work on.
  if (name.startsWith('PULUMI_')) Reflect.deleteProperty(process.env, name);
}
