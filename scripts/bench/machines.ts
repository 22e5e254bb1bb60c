import { loadEnvironment } from '../../infra/config/load.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import type { EnvironmentPlan, HostPlan } from '../../infra/plan/model.ts';
import { hostKinds, rigImages } from '../../infra/rig/host-kinds.ts';
import { volumeArgs } from '../../infra/rig/volume-args.ts';
import { firstBootWentWell } from '../../infra/rig-provider/configuration/apply.ts';
import { readHostRecord } from '../../infra/rig-provider/host-record.ts';
import { sweep } from '../../infra/rig-provider/remains.ts';
import { host as hostHandler } from '../../infra/rig-provider/resources/host.ts';
import { network as networkHandler } from '../../infra/rig-provider/resources/network.ts';
import { volume as volumeHandler } from '../../infra/rig-provider/resources/volume.ts';
import type { Progress } from '../lib/progress.ts';
import { setup } from '../lib/setup.ts';
import { hostInputs, measureFloor, networkInputs } from './floor.ts';
import { newLifecycle } from './lifecycle.ts';
import { readEnvironment } from './ready-stack.ts';
import { type Samples, summarize, timed } from './samples.ts';

/** Ready stacks of which some hosts are virtual machines, wherever containers cannot do their work. */
const stacks = ['rig-drbd', 'rig-lvs-dr'] as const;

/** Seconds. */
export interface MachineStack {
  readonly name: (typeof stacks)[number];
  /** One machine host alone, from its start to its `floorEnd`. */
  readonly floor: Samples;
  readonly floorEnd: string;
  readonly up: Samples;
}

interface Options {
  readonly base: string;
  /** Name that the measured environment gets. */
  readonly stack: string;
  readonly runs: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Floor and environment in turn, so that a drift of the machine's speed meets both. */
export async function measureMachines(options: Options): Promise<MachineStack[]> {
  const measured: MachineStack[] = [];
  for (const name of stacks) measured.push(await measureStack(name, options));
  return measured;
}

async function measureStack(
  name: MachineStack['name'],
  { base, stack, runs, progress, signal }: Options,
): Promise<MachineStack> {
  const environment = await readEnvironment(name);
  const plan = planEnvironment(loadEnvironment(environment, undefined, stack));
  await setup({ images: rigImages(plan), progress });
  const life = await newLifecycle(base, stack, signal, environment);
  const floors: number[] = [];
  const ups: number[] = [];
  // The first reads images from the disk and does not count.
  for (let run = 0; run <= runs; run += 1) {
    signal.throwIfAborted();
    const of = run === 0 ? 'to warm up' : `${run} of ${runs}`;
    const seconds = (value: number): string => `${value.toFixed(1)} s`;
    const step = (title: string, work: () => Promise<number>): Promise<number> =>
      progress.step(`${name}, ${title}, ${of}`, work, { result: seconds });
    const floor = await step('one machine host', () => measureMachineFloor(plan, signal));
    const up = await step('up', async () => {
      const taken = await timed(() => life.command('up'));
      await life.command('down');
      return taken.seconds;
    });
    if (run === 0) continue;
    floors.push(floor);
    ups.push(up);
  }
  const floorEnd = isBroker(machineOf(plan)) ? 'AMQP' : 'the end of its first boot';
  return { name, floor: summarize(floors), floorEnd, up: summarize(ups) };
}

function machineOf(plan: EnvironmentPlan): HostPlan {
  const kinds = hostKinds(plan);
  const machine = plan.hosts.find(({ name }) => kinds.get(name) === 'machine');
  if (machine !== undefined) return machine;
  throw new Error(`no host of ${plan.stack} is a machine here: containers do its work`);
}

const isBroker = ({ roles }: HostPlan): boolean => roles.includes('broker');

/**
 * The plan's first machine is all that runs; where that is a broker, which waits for others in its first boot,
 * a broker without others. The kit's own bytes and provider, without Pulumi.
 */
async function measureMachineFloor(plan: EnvironmentPlan, signal: AbortSignal): Promise<number> {
  const { stack } = plan;
  const machine = machineOf(plan);
  if (isBroker(machine)) return measureFloor(stack, 'machine', signal);
  try {
    await networkHandler.create({ stack, networks: networkInputs(plan), forwards: [] }, 'network');
    for (const volume of machine.volumes) {
      await volumeHandler.create(volumeArgs(stack, volume), volume.name);
    }
    const inputs = await hostInputs(plan, machine, 'machine');
    const { seconds } = await timed(async () => {
      await hostHandler.create(inputs, machine.name);
      const record = readHostRecord(stack, machine.name);
      if (record === undefined) throw new Error(`${machine.name} has no record`);
      await firstBootWentWell(record);
    });
    return seconds;
  } finally {
    await sweep(stack);
  }
}
