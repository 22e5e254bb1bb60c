import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { disksDir, runDir } from '../paths.ts';

/** Names and places of all that the rig makes on this machine; a stack's parts carry its name. */
const prefix = 'rmqha';

/** Longest name of a network interface on Linux. */
const interfaceLength = 15;

export function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Namespace that holds the stack's bridges and routes between them. */
export const routerNamespace = (stack: string): string => `${prefix}-${stack}`;

/** The at sign cannot be part of a stack name: no stack can be named like the host of another. */
export const hostNamespace = (stack: string, host: string): string => `${prefix}-${stack}@${host}`;

/** The stack that a namespace belongs to by its name; undefined for one that is not the kit's. */
export const stackOfNamespace = (namespace: string): string | undefined =>
  namespace.startsWith(`${prefix}-`) ? namespace.slice(prefix.length + 1).split('@')[0] : undefined;

export const namespacePath = (namespace: string): string => join('/run/netns', namespace);

/** Bridge of a network, in the router namespace. */
export const bridgeName = (network: string): string => interfaceName('br-', network);

/** Router's end of the cable to a host, in the router namespace. */
export const linkName = (host: string): string => interfaceName('to-', host);

/** Readable where the name fits; else its start and a hash of the whole, so that it stays unique. */
function interfaceName(kind: string, name: string): string {
  const plain = `${kind}${name}`;
  if (plain.length <= interfaceLength) return plain;
  const hash = digest(name).slice(0, 6);
  return `${plain.slice(0, interfaceLength - hash.length - 1)}-${hash}`;
}

/** The same host has the same locally administered unicast address in every life. */
export function macAddress(stack: string, host: string): string {
  const octets = digest('mac', stack, host).slice(0, 10).match(/../g) ?? [];
  return ['02', ...octets].join(':');
}

/** 32 hexadecimal digits: machine-id of a host, the same in every life. */
export const machineId = (stack: string, host: string): string =>
  digest('machine', stack, host).slice(0, 32);

export const stackDisks = (stack: string): string => join(disksDir, stack);
export const hostDisks = (stack: string, host: string): string =>
  join(stackDisks(stack), 'hosts', host);
export const volumeFile = (stack: string, volume: string): string =>
  join(stackDisks(stack), 'volumes', `${volume}.ext4`);
export const stackRun = (stack: string): string => join(runDir, stack);
