import { loadEnvironment } from '../../../infra/config/load.ts';
import type { EnvironmentConfig } from '../../../infra/config/schema.ts';
import { pathsOf } from '../../../infra/plan/frontends/lvs/paths.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { rigImages } from '../../../infra/rig/host-kinds.ts';
import { type DirectorLoss, loseDirector } from '../../../test/lib/rig/director-loss.ts';
import { RigStack } from '../../../test/lib/rig/stack.ts';
import type { Progress } from '../../lib/progress.ts';
import { setup } from '../../lib/setup.ts';
import { type AloneOptions, benchStack, measureAlone } from '../alone.ts';
import { readEnvironment } from '../ready-stack.ts';
import { type Figure, ratioTo, type Report } from '../report.ts';
import { summarize } from '../samples.ts';
import { masterDownMs } from './master-down.ts';

/** Most that a move may be of the time after which VRRP has to find the holder silent. */
const target = 1.25;
/** Directors are emulated machines where the kernel has no IPVS or no KVM; so are brokers with tunnels. */
const patience = 6;
const healthyMs = 300_000;
/** What three emulated brokers stand. */
const ratePerSecond = 20;

/** Every way of a packet that `lvsKeepalived.mode` has. */
const modes: Readonly<Record<string, () => Promise<object>>> = {
  dr: () => readEnvironment('rig-lvs-dr'),
  tun: () => readEnvironment('rig-lvs-tun'),
  'nat-without-snat': async () => ({
    ...(await readEnvironment('rig-lvs-nat')),
    network: { placement: 'flat' },
    lvsKeepalived: { mode: 'nat', sourceNat: false },
  }),
  nat: () => readEnvironment('rig-lvs-nat'),
};

/**
 * Measures what clients see of the loss of the LVS director that holds the virtual address.
 * @throws UserError as `measureAlone` does
 */
export const directors = (options: AloneOptions): Promise<Report> =>
  measureAlone({ name: 'directors', stacks: [benchStack], measure: measureModes }, options);

async function measureModes(options: AloneOptions, progress: Progress): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, environmentOf] of Object.entries(modes)) {
    const environment = { ...(await environmentOf()) };
    const config = loadEnvironment(environment, undefined, benchStack);
    await setup({ images: rigImages(planEnvironment(config)), progress });
    const rig = new RigStack(benchStack, environment, patience);
    const mode: Mode = { name, config, told: pathsOf(config).synchronised };
    figures.push(...figuresOf(mode, await measureLosses(mode, rig, options, progress)));
    await progress.step(`${name}: taking it down`, () => rig.down());
  }
  return figures;
}

interface Mode {
  readonly name: string;
  readonly config: EnvironmentConfig;
  /** Directors tell each other of connections, so that these survive one of them. */
  readonly told: boolean;
}

async function measureLosses(
  { name, told }: Mode,
  rig: RigStack,
  { runs, signal }: AloneOptions,
  progress: Progress,
): Promise<DirectorLoss[]> {
  const losses: DirectorLoss[] = [];
  await progress.step(`${name}: environment`, () => rig.up());
  const { amqpUri } = await rig.outputs();
  for (let run = 1; run <= runs; run += 1) {
    signal.throwIfAborted();
    if (run > 1) await progress.step(`${name}: bringing it back`, () => rig.up());
    await rig.untilHealthy(healthyMs);
    const lose = (): Promise<DirectorLoss> =>
      loseDirector(rig, amqpUri, { name: `${name}-${run}`, told, ratePerSecond, patience });
    losses.push(
      await progress.step(`${name}: director lost, ${run} of ${runs}`, lose, {
        result: ({ movedMs }) => `the VIP moved in ${(movedMs / 1000).toFixed(2)} s`,
      }),
    );
  }
  return losses;
}

function figuresOf({ name, config, told }: Mode, losses: readonly DirectorLoss[]): Figure[] {
  const { vrrp } = config.lvsKeepalived;
  const { first, second } = vrrp.priorities;
  const due = losses.map(({ heir }) => masterDownMs(vrrp, heir === 'balancer-1' ? first : second));
  const time = (part: string, title: string, values: readonly number[]): Figure => ({
    ...{ name: `${name}-${part}`, title, unit: 'ms', samples: summarize(values) },
  });
  const againstDue = (figure: Figure): Figure => ({
    ...figure,
    ...ratioTo(figure.samples, summarize(due), 'of three adverts and the skew', target),
  });
  return [
    againstDue(
      time(
        'vip',
        `${name}: director lost to the VIP at the other one`,
        losses.map(({ movedMs }) => movedMs),
      ),
    ),
    againstDue(
      time(
        'connection',
        '  to the first new connection that is answered',
        losses.map(({ answeredMs }) => answeredMs),
      ),
    ),
    time(
      'gap',
      '  longest time of a publisher without a confirm',
      losses.map(({ account }) => account.outageMs),
    ),
    lostConnections(name, told, losses),
  ];
}

/** Where nothing is promised there is no target. */
function lostConnections(name: string, told: boolean, losses: readonly DirectorLoss[]): Figure {
  const lost = losses.map((loss) => loss.lost);
  const stood = losses.map((loss) => loss.stood);
  const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);
  const value = sum(lost) / sum(stood);
  return {
    ...{ name: `${name}-lost`, title: '  established connections lost', unit: 'connections' },
    samples: summarize(lost),
    ratio: { value, of: 'of those that stood', ...(told ? { target: 0 } : {}) },
  };
}
