import { z } from 'zod';
import type { LiveHost } from '../../operations/channel.ts';
import type { AwsChannelDescription } from '../description.ts';
import { runAws } from './command.ts';
import { hostTag, labelPrefix, rootDiskTag, stackTag, userDataTag, zoneTag } from './tags.ts';

/** An instance that is a host of the stack. */
export interface Instance extends LiveHost {
  /** E.g. `i-0123456789abcdef0`. */
  readonly id: string;
}

const answer = z.object({
  Reservations: z.array(
    z.object({
      Instances: z.array(
        z.object({
          InstanceId: z.string(),
          ImageId: z.string().optional(),
          InstanceType: z.string().optional(),
          KeyName: z.string().optional(),
          PrivateIpAddress: z.string().optional(),
          State: z.object({ Name: z.string() }),
          Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
        }),
      ),
    }),
  ),
});
type Described = z.infer<typeof answer>['Reservations'][number]['Instances'][number];

/** Instances that are on their way out hold nothing and answer nothing any more. */
const present = ['pending', 'running', 'stopping', 'stopped'];
const starting = ['pending', 'running'];

/** Every instance of the stack, in the order of the hosts' names; one call of the API. */
export async function instancesOf(description: AwsChannelDescription): Promise<Instance[]> {
  const filters = [
    `Name=tag:${stackTag},Values=${description.stack}`,
    `Name=instance-state-name,Values=${present.join(',')}`,
  ];
  const argv = ['ec2', 'describe-instances', '--filters', ...filters];
  const told = answer.parse(JSON.parse(await runAws(description, argv)));
  return told.Reservations.flatMap(({ Instances }) => Instances)
    .flatMap(instanceOf)
    .sort((one, other) => one.name.localeCompare(other.name));
}

/** None where an instance is not one of the kit's hosts, whoever gave it the stack's tag. */
function instanceOf(described: Described): Instance[] {
  const tags = new Map(described.Tags.map(({ Key, Value }) => [Key, Value]));
  const name = tags.get(hostTag);
  if (name === undefined) return [];
  const rootDisk = tags.get(rootDiskTag);
  const labels = [...tags].flatMap(([key, value]) =>
    key.startsWith(labelPrefix) ? [[key.slice(labelPrefix.length), value] as const] : [],
  );
  return [
    {
      id: described.InstanceId,
      name,
      state: starting.includes(described.State.Name) ? 'running' : 'stopped',
      zone: tags.get(zoneTag) ?? '',
      address: described.PrivateIpAddress ?? '',
      labels: Object.fromEntries(labels),
      madeOf: {
        image: described.ImageId ?? '',
        type: described.InstanceType ?? '',
        key: described.KeyName ?? '',
        userData: tags.get(userDataTag) ?? '',
        ...(rootDisk === undefined ? {} : { rootDisk }),
      },
    },
  ];
}
