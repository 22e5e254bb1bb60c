import type { EnvironmentConfig } from '../infra/config/schema.ts';
import { messageOf } from '../infra/errors.ts';
import { type MessagePolicy, messagePolicyVariable } from '../infra/operations/service/retire.ts';
import { inspectSwap } from '../infra/operations/service/swap.ts';
import { planEnvironment } from '../infra/plan/environment.ts';
import type { EnvironmentPlan } from '../infra/plan/model.ts';
import { readOwnAuthority } from '../infra/tls/own-authority.ts';
import { refuseTakenPorts } from '../infra/rig-provider/network/port-holder.ts';
import { refuseTakenName } from '../infra/rig-provider/stacks/registry.ts';
import { requireCapacity } from './lib/capacity.ts';
import { runCommand, UsageError } from './lib/cli.ts';
import { endDeparture, refuseStranger } from './lib/ownership.ts';
import { createProgress, type Progress } from './lib/progress.ts';
import { refuseProtectedRemoval } from './lib/protected.ts';
import { proveEnvironment } from './lib/prove.ts';
import type { UpdateAccount } from './lib/pulumi-progress.ts';
import {
  enterWorkspace,
  readOverride,
  withoutRepetition,
  writeOverride,
} from './lib/pulumi-workspace.ts';
import { loadStack } from './lib/stack.ts';
import { findStaleLock } from './lib/stack-lock.ts';
import {
  prepareStack,
  readState,
  type StackContext,
  stackExists,
  update,
} from './lib/stack-operations.ts';
import { wayTo } from './lib/way.ts';
import { summaryText } from './lib/up-summary.ts';
import { announceMachines } from './lib/machine-hosts.ts';
import { imagesToBoot, setup } from './setup.ts';

await runCommand({
  name: 'up',
  summary: 'Creates, changes or heals the environment of a stack, and proves it with a message',
  json: true,
  options: {
    topology: {
      type: 'string',
      placeholder: 'NAME',
      description: 'use this topology from now on, on this machine; the stack file stays as it is',
    },
    reset: { type: 'boolean', description: 'return to what the stack file says' },
    'move-messages': {
      type: 'boolean',
      description: 'on a change of topology, carry messages over to the new brokers',
    },
    'discard-messages': {
      type: 'boolean',
      description:
        'let go of messages: on a change of topology, or where policies of the config cut queues',
    },
  },
  examples: [
    ['npm run up', 'three brokers, two balancers and a VIP on this machine'],
    ['npm run up -- --stack rig-warren', 'another ready stack'],
    ['npm run up -- --topology warren', 'swap the running environment to another topology'],
  ],
  notes: ['Exit codes: 0 done, 1 failed (run it again: finished steps are kept), 2 wrong usage.'],
  main: async ({ stack, options, json, takeSignals, io }) => {
    const policy = policyOf(options['move-messages'], options['discard-messages']);
    // First of all: who is refused here has changed nothing, not even the override.
    await findStaleLock(stack);
    const progress = createProgress();
    const { config, override } = await chooseConfig(stack, options);
    checkOwnAuthority(config);
    const plan = planEnvironment(config);
    const onRig = plan.target === 'rig';
    if (onRig) await requireCapacity(plan);
    const { toolDir, images } = await setup({ images: imagesToBoot(plan), progress });
    if (onRig) await announceMachines(plan, images, progress);
    process.env[messagePolicyVariable] = policy;
    const context: StackContext = { stack, toolDir, progress, takeSignals };
    if (await stackExists(context)) refuseProtectedRemoval(plan, await readState(context));
    else refuseStranger(stack, 'up');
    if (onRig) {
      refuseTakenName(stack);
      await refuseTakenPorts(stack, config.rig.ports);
    }
    await announceSwap(plan, policy, progress);

    await prepareStack(context);
    const account = await updateWith(context, override);
    const { outputs, brokerHost, probe } = await proveEnvironment(context, account, config, plan);
    const { topology, frontEnd } = config;
    const { changes } = account;
    const summary = { stack, topology, frontEnd, ...outputs, brokerHost, changes, probe };
    io.out(json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(plan, summary));
    return 0;
  },
});

/** One that meets another update, which began at the same moment, leaves that one its override. */
async function updateWith(
  context: StackContext,
  override: Record<string, unknown> | undefined,
): Promise<UpdateAccount> {
  const { stack } = context;
  const before = await readOverride(stack);
  await enterWorkspace(stack);
  await endDeparture(stack);
  await writeOverride(stack, override);
  try {
    return await update(context, 'up');
  } catch (error) {
    if (/ is being changed right now\b/.test(messageOf(error))) await writeOverride(stack, before);
    throw error;
  }
}

function policyOf(move: boolean, discard: boolean): MessagePolicy {
  if (move && discard) {
    throw new UsageError({ what: '--move-messages and --discard-messages exclude each other' });
  }
  if (discard) return 'discard';
  return move ? 'move' : 'keep';
}

/** The config with what this command line changes, checked as a whole before anything is kept. */
async function chooseConfig(
  stack: string,
  options: { readonly topology: string | undefined; readonly reset: boolean },
): Promise<{ config: EnvironmentConfig; override: Record<string, unknown> | undefined }> {
  const kept = options.reset ? undefined : await readOverride(stack);
  const { topology } = options;
  const override =
    topology === undefined
      ? kept
      : withoutRepetition({ ...kept, topology }, await loadStack(stack, { override: undefined }));
  return { config: await loadStack(stack, { override }), override };
}

/** A key that only Pulumi can decrypt is looked at by the program, before its first change too. */
function checkOwnAuthority({ tls }: EnvironmentConfig): void {
  if (tls.authority.keyFile !== undefined) readOwnAuthority(tls, undefined);
}

/** Says what a change of topology leaves behind; stops it before anything has changed. */
async function announceSwap(
  plan: EnvironmentPlan,
  policy: MessagePolicy,
  progress: Progress,
): Promise<void> {
  const { topology, clustered, hosts } = plan;
  // Of brokers that stand alone each holds its own queues: one copy.
  const brokers = clustered ? hosts.filter(({ roles }) => roles.includes('broker')).length : 1;
  const swap = await inspectSwap(await wayTo(plan), { topology, brokers }, policy);
  if (swap === undefined) return;
  progress.note(`swap  ${swap.from} to ${swap.to}: definitions are carried over`);
  for (const line of swap.leftBehind) progress.note(`      left behind: ${line}`);
}
