import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, removeFile, writeJson } from '../json-file.ts';
import { stackRun } from '../names.ts';
import { processIdentity } from '../process.ts';
import { ipv4, label, port } from '../schemas.ts';

/** One network of a stack, as the plan states it. */
export const networkInput = z.object({
  name: label,
  zone: z.string().optional(),
  cidr: z.cidrv4('a network in CIDR notation, e.g. 10.77.16.0/20'),
  gateway: ipv4,
});
export type NetworkInput = z.infer<typeof networkInput>;

/** One address and port of the environment that gets a port on the machine's loopback. */
export const forwardInput = z.object({
  /** Access point of the plan, e.g. `amqp` or `amqp/broker-1`. */
  name: z.string().min(1),
  /** Start of its URL, for who asks the record where things are. */
  scheme: z.string().min(1),
  address: ipv4,
  port,
  /** Stated by the user; one that is free is found unless it is. */
  fixedPort: port.optional(),
});
export type ForwardInput = z.infer<typeof forwardInput>;

/** A forward with its loopback port. */
export const forward = forwardInput.extend({ localPort: port });
export type Forward = z.infer<typeof forward>;

export const networkRecord = z.object({
  networks: z.array(networkInput),
  forwards: z.array(forward),
  forwarder: processIdentity.optional(),
});
export type NetworkRecord = z.infer<typeof networkRecord>;

const file = (stack: string): string => join(stackRun(stack), 'network.json');

export const readNetworkRecord = (stack: string): NetworkRecord | undefined =>
  readJson(file(stack), networkRecord);
export const writeNetworkRecord = (stack: string, record: NetworkRecord): void => {
  writeJson(file(stack), record);
};
export const removeNetworkRecord = (stack: string): void => {
  removeFile(file(stack));
};

/** Names of the folders in a folder; empty when it does not exist. */
export function folders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}
