import { z } from 'zod';
import { stackName } from '../rig-provider/schemas.ts';

/**
 * How the hosts of a stack are reached, as plain data: it goes into the inputs of resources whose
 * work is on live hosts, and is all that a command needs to open the way itself. It names no single
 * host, so that a host which is replaced changes nothing in it.
 */
export const channelDescription = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rig'), stack: stackName }),
  z.strictObject({
    kind: z.literal('aws'),
    stack: stackName,
    /** E.g. `eu-central-1`. */
    region: z.string().min(1),
    /** Of the AWS CLI's config; undefined leaves it to the CLI's own way to credentials. */
    profile: z.string().optional(),
    /** The way to port 22 of an instance, which has no address outside of its VPC. */
    method: z.enum(['instance-connect', 'session-manager', 'none']),
    /** Of the pair that the kit made, OpenSSH form; undefined leaves it to the operator's own ssh. */
    privateKey: z.string().optional(),
  }),
]);

export type ChannelDescription = z.infer<typeof channelDescription>;
export type AwsChannelDescription = Extract<ChannelDescription, { kind: 'aws' }>;

/** Whether anybody can come onto the hosts: what needs a look at live ones cannot be done without. */
export const hasWay = (description: ChannelDescription): boolean =>
  description.kind === 'rig' || description.method !== 'none';
