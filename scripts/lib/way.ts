import { keylessWay } from '../../infra/channels/aws/way.ts';
import { type ChannelDescription, channelDescription } from '../../infra/channels/description.ts';
import { channelOf } from '../../infra/channels/open.ts';
import type { Channel } from '../../infra/operations/channel.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import { findPulumi } from './pulumi-cli.ts';
import { readPulumi } from './pulumi.ts';
import { stackExists } from './stack-operations.ts';

type Placed = Pick<EnvironmentPlan, 'stack' | 'target' | 'aws'>;
type Known = Parameters<typeof stackExists>[0];

/** What is read here of a resource in a state whose secrets are shown. */
interface StateResource {
  readonly type: string;
  readonly inputs?: { readonly channel?: unknown };
  readonly outputs?: { readonly privateKey?: unknown };
}

/** The way onto the hosts of a stack, as its program states it to its resources. */
export async function describeWay({ stack, aws }: Placed): Promise<ChannelDescription> {
  if (aws === undefined) return { kind: 'rig', stack };
  const { method, publicKey } = aws.access;
  const way = keylessWay({ stack, aws });
  if (method === 'none' || publicKey !== undefined) return way;
  const privateKey = await operatorKey(stack);
  return privateKey === undefined ? way : { ...way, privateKey };
}

export const wayTo = async (plan: Placed): Promise<Channel> => channelOf(await describeWay(plan));

/**
 * The way onto the hosts that are in the state of a stack that exists, whatever its file says by now: as
 * their last update told it to their resources.
 */
export async function wayInState(known: Known): Promise<Channel> {
  return channelOf(describedIn(known.stack, await shownState(known)));
}

/** Resources of a rig are told no way: its hosts are on this machine. */
export function describedIn(
  stack: string,
  resources: readonly StateResource[],
): ChannelDescription {
  const told = resources.map(({ inputs }) => inputs?.channel).find((way) => way !== undefined);
  return told === undefined ? { kind: 'rig', stack } : channelDescription.parse(plainValue(told));
}

/** Private half of the pair that the kit made; undefined before it has. */
async function operatorKey(stack: string): Promise<string | undefined> {
  const pulumi = await findPulumi();
  if (pulumi === undefined) return undefined;
  const known = { stack, toolDir: pulumi.dir };
  if (!(await stackExists(known))) return undefined;
  const key = (await shownState(known)).find(({ type }) => type === 'rig:ssh:Key');
  const value = plainValue(key?.outputs?.privateKey);
  return typeof value === 'string' ? value : undefined;
}

/** Not its outputs: an update that failed on its way has none, and needs a look at its hosts. */
async function shownState(known: Known): Promise<readonly StateResource[]> {
  const argv = ['stack', 'export', '--show-secrets'];
  const state = JSON.parse(await readPulumi({ ...known, argv })) as {
    deployment?: { resources?: readonly StateResource[] };
  };
  return state.deployment?.resources ?? [];
}

/** Shown secrets come in an envelope, as JSON. */
function plainValue(value: unknown): unknown {
  const { plaintext } = (typeof value === 'object' ? (value ?? {}) : {}) as { plaintext?: unknown };
  return typeof plaintext === 'string' ? JSON.parse(plaintext) : value;
}
