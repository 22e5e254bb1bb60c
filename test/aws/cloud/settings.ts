import { join } from 'node:path';
import { z } from 'zod';
import { stackRun } from '../../../infra/rig-provider/names.ts';

/** What the process of a simulated cloud is told when it starts. */
export const cloudSettings = z.object({
  /** The rig's name for all that it makes: hosts, networks, volumes. */
  cloud: z.string(),
  region: z.string(),
  /** Root file system of each machine image, by its id. */
  images: z.record(
    z.string(),
    z.object({ rootfs: z.string(), name: z.string(), description: z.string() }),
  ),
  /** Python that has moto. */
  python: z.string(),
});
export type CloudSettings = z.infer<typeof cloudSettings>;

/** Moto's, and everyone's who uses it. */
export const accountId = '123456789012';
/** Publishes Debian's images. */
export const debianAccount = '136693071363';

/** Addresses of the link that every VPC has, and one of the outside. */
export const metadataAddress = '169.254.169.254';
export const resolverAddress = '169.254.169.253';
export const publicApiAddress = '198.51.100.10';
/** A client on the internet; who asks an Elastic IP from outside of the VPC has it. */
export const outsideAddress = '203.0.113.10';

const inFolder =
  (name: string) =>
  (cloud: string): string =>
    join(stackRun(cloud), 'cloud', name);

export const cloudFolder = inFolder('');
/** The API for whoever is outside of the VPC: network namespaces do not bind Unix sockets. */
export const apiSocket = inFolder('api.sock');
/** Every call, one JSON a line. */
export const callsFile = inFolder('calls.jsonl');
export const authorityFile = inFolder('authority.pem');
export const logFile = inFolder('cloud.log');
/** moto loads its machine images from here. */
export const imagesFile = inFolder('images.json');

/** Control group of the cloud's own processes; no instance can have its name. */
export const cloudGroup = '.cloud';
