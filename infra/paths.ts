import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Every place outside the checkout that the kit writes to. Each can be moved by one environment
 * variable; tests and trials with empty caches do.
 */
const product = 'rabbitmq-ha-kit';
const home = (variable: string, fallback: string): string =>
  process.env[variable] ?? join(homedir(), fallback);

/** Root of this checkout. */
export const repositoryRoot = join(import.meta.dirname, '..');

/**
 * Built tools, base images, compile cache: emptying it costs only time, once every stack is down;
 * before that, hosts run on an image in it.
 */
export const cacheDir =
  process.env['RABBITMQ_HA_KIT_CACHE'] ?? join(home('XDG_CACHE_HOME', '.cache'), product);

/** Passphrase, default Pulumi backend, working stack configs: losing it loses the stacks. */
export const stateDir =
  process.env['RABBITMQ_HA_KIT_STATE'] ??
  join(home('XDG_STATE_HOME', join('.local', 'state')), product);

/** Disks of rig hosts, one folder a stack; gone after `down`. */
export const disksDir = process.env['RABBITMQ_HA_KIT_DISKS'] ?? join('/var/lib', product);

/**
 * Which stacks are on this machine, and whose they are. One for the machine: names of namespaces
 * and control groups are shared, too. Only tests without root move it.
 */
export const registryDir = process.env['RABBITMQ_HA_KIT_REGISTRY'] ?? `/var/lib/${product}-stacks`;

/** Live facts of rig hosts (records, secrets, logs' sockets), one folder a stack; gone after `down`. */
export const runDir = process.env['RABBITMQ_HA_KIT_RUN'] ?? join('/run', product);
