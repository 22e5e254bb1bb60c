import type { ChannelDescription } from '../../infra/channels/description.ts';
import { channelOf } from '../../infra/channels/open.ts';
import type { Channel } from '../../infra/operations/channel.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import { findPulumi } from './pulumi-cli.ts';
import { readPulumi } from './pulumi.ts';
import { stackExists } from './stack-operations.ts';

type Placed = Pick<EnvironmentPlan, 'stack' | 'target' | 'aws'>;

/** The way onto the hosts of a stack, as its program states it to its resources. */
export async function describeWay({ stack, aws }: Placed): Promise<ChannelDescription> {
  if (aws === undefined) return { kind: 'rig', stack };
  const { method, publicKey } = aws.access;
  const way = { kind: 'aws', stack, region: aws.region, method } as const;
  if (method === 'none' || publicKey !== undefined) return way;
  const privateKey = await operatorKey(stack);
  return privateKey === undefined ? way : { ...way, privateKey };
}

export const wayTo = async (plan: Placed): Promise<Channel> => channelOf(await describeWay(plan));

/** Private half of the pair that the kit made; undefined before it has. */
async function operatorKey(stack: string): Promise<string | undefined> {
  const pulumi = await findPulumi();
  if (pulumi === undefined || !(await stackExists({ stack, toolDir: pulumi.dir })))
    return undefined;
  // Not among the outputs: an update that failed on its way has none, and needs a look at its hosts.
  const argv = ['stack', 'export', '--show-secrets'];
  const state = JSON.parse(await readPulumi({ stack, toolDir: pulumi.dir, argv })) as {
    deployment?: { resources?: { type: string; outputs?: { privateKey?: unknown } }[] };
  };
  const key = state.deployment?.resources?.find(({ type }) => type === 'rig:ssh:Key');
  return plainText(key?.outputs?.privateKey);
}

/** Shown secrets come in an envelope, as JSON. */
function plainText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const { plaintext } = (value ?? {}) as { plaintext?: unknown };
  return typeof plaintext === 'string' ? (JSON.parse(plaintext) as string) : undefined;
}
