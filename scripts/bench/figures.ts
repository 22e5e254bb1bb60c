import type { Cycle } from './lifecycle.ts';
import type { MachineStack } from './machines.ts';
import type { Part } from './provision.ts';
import { type Figure, ratioTo } from './report.ts';
import { type Samples, summarize } from './samples.ts';

/** All that was measured; what was not asked for is absent. */
export interface Measured {
  readonly parts: readonly Part[];
  /** Seconds. */
  readonly floor?: Samples;
  readonly machineFloor?: Samples;
  /** The first one warmed caches: of its times only the no-ops count. */
  readonly cycles?: readonly Cycle[];
  readonly machines?: readonly MachineStack[];
  readonly planRender?: {
    /** Seconds of `pulumi preview` of the empty program. */
    readonly preview: Samples;
    /** Milliseconds. */
    readonly sizes: readonly {
      readonly hosts: number;
      readonly cold: Samples;
      readonly warm: Samples;
    }[];
  };
}

/** Most that is allowed, in what each figure stands on. */
const targets = {
  upInFloors: 2,
  noOpInEmptyPrograms: 1.25,
  swapInWarmUps: 1,
  downInFloors: 0.2,
  hundredHostsInEmptyPreviews: 0.05,
  /** Of one host among 1,000 to one among 100: 1 is linear, the rest is the machine's noise. */
  growth: 1.25,
  memoryMiB: 1536,
  machinesInFloors: 2.5,
};

/** Figures in the order of the report, with what each is compared to. Pure. */
export function figuresOf(measured: Measured): Figure[] {
  const { floor, machineFloor, parts } = measured;
  return [
    ...(floor === undefined
      ? []
      : [seconds('floor', 'Floor: one broker host alone, start to AMQP', floor)]),
    ...(machineFloor === undefined
      ? []
      : [seconds('machine-floor', 'Floor: the same as a virtual machine', machineFloor)]),
    ...lifeFigures(measured)
      .filter(({ part }) => parts.includes(part))
      .map(({ figure }) => figure),
    ...renderFigures(measured.planRender),
    ...(measured.machines ?? []).flatMap(machineFigures),
  ];
}

const seconds = (
  name: string,
  title: string,
  samples: Samples,
  compared: ReturnType<typeof ratioTo> = {},
): Figure => ({ name, title, unit: 's', samples, ...compared });

interface PartFigure {
  readonly part: Part;
  readonly figure: Figure;
}

function lifeFigures({ floor, cycles = [] }: Measured): PartFigure[] {
  const [first, ...counted] = cycles;
  const ups = counted.map(({ up }) => up);
  const up = ups.length === 0 ? undefined : summarize(ups);
  const figures: PartFigure[] = [];
  const add = (part: Part, figure: Figure): void => void figures.push({ part, figure });
  if (up !== undefined) {
    const compared = ratioTo(up, floor, 'floors', targets.upInFloors);
    add('up', seconds('up', 'Warm `npm run up` to the first confirmed message', up, compared));
  }
  for (const figure of noOpFigures(first)) add('no-op', figure);
  for (const [index, name, title] of [
    [0, 'swap', 'Swap to warren'],
    [1, 'swap-back', 'Swap back to quorum-cluster'],
  ] as const) {
    const taken = counted.flatMap(({ swaps }) => swaps[index] ?? []);
    if (taken.length === 0) continue;
    const samples = summarize(taken);
    add(
      'swap',
      seconds(name, title, samples, ratioTo(samples, up, 'warm ups', targets.swapInWarmUps)),
    );
  }
  if (counted.length > 0) {
    const down = summarize(counted.map((cycle) => cycle.down));
    add(
      'down',
      seconds('down', '`npm run down`', down, ratioTo(down, floor, 'floors', targets.downInFloors)),
    );
  }
  for (const figure of memoryFigures(first)) add('memory', figure);
  return figures;
}

function noOpFigures(cycle: Cycle | undefined): Figure[] {
  if (cycle?.noOp === undefined) return [];
  const { empty, update, command } = cycle.noOp;
  const against = (samples: Samples): ReturnType<typeof ratioTo> =>
    ratioTo(samples, empty, 'empty programs', targets.noOpInEmptyPrograms);
  return [
    seconds('empty-up', '`pulumi up` of an empty program', empty),
    seconds('no-op-update', 'No-op `pulumi up` of the environment', update, against(update)),
    seconds('no-op-command', 'No-op `npm run up`, message included', command, against(command)),
  ];
}

function memoryFigures(cycle: Cycle | undefined): Figure[] {
  if (cycle?.memory === undefined) return [];
  const { peak, steady, forwarder } = cycle.memory;
  const figure = (name: string, title: string, value: number, target?: number): Figure => ({
    name,
    title,
    unit: 'MiB',
    samples: summarize([value]),
    ...(target === undefined
      ? {}
      : { ratio: { value: value / target, of: `of ${target} MiB`, target: 1 } }),
  });
  return [
    figure('memory-peak', 'Peak memory of the environment (PSS)', peak, targets.memoryMiB),
    figure('memory-steady', 'Steady memory of the environment (PSS)', steady),
    figure('memory-forwarder', 'Its forwarder alone', forwarder),
  ];
}

const machineFigures = ({ name, floor, floorEnd, up }: MachineStack): Figure[] => [
  seconds(`${name}-floor`, `${name}: one machine host alone, to ${floorEnd}`, floor),
  seconds(
    `${name}-up`,
    `${name}: warm \`npm run up\` to the first confirmed message`,
    up,
    ratioTo(up, floor, 'machine hosts', targets.machinesInFloors),
  ),
];

function renderFigures(planRender: Measured['planRender']): Figure[] {
  if (planRender === undefined) return [];
  const { preview, sizes } = planRender;
  const previewMs = summarize(preview.runs.map((value) => value * 1000));
  const perHost = (hosts: number): number | undefined => {
    const found = sizes.find((size) => size.hosts === hosts);
    return found === undefined ? undefined : found.warm.median / hosts;
  };
  const [hundred, thousand] = [perHost(100), perHost(1000)];
  return [
    seconds('empty-preview', '`pulumi preview` of an empty program', preview),
    ...sizes.flatMap(({ hosts, cold, warm }): Figure[] => [
      {
        name: `plan-render-${hosts}`,
        title: `Plan and render ${hosts} hosts, cold`,
        unit: 'ms',
        samples: cold,
        ...ratioTo(
          cold,
          previewMs,
          'empty previews',
          hosts === 100 ? targets.hundredHostsInEmptyPreviews : undefined,
        ),
      },
      {
        name: `plan-render-${hosts}-warm`,
        title: `Plan and render ${hosts} hosts again, per host`,
        unit: 'ms',
        samples: summarize(warm.runs.map((value) => value / hosts)),
        ...(hosts === 1000 && hundred !== undefined && thousand !== undefined
          ? { ratio: { value: thousand / hundred, of: 'of 100 hosts', target: targets.growth } }
          : {}),
      },
    ]),
  ];
}
