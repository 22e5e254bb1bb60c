import { sweep } from '../../../infra/rig-provider/remains.ts';
import type { Progress } from '../../lib/progress.ts';
import { setup } from '../../lib/setup.ts';
import { type AloneOptions, benchStack, measureAlone } from '../alone.ts';
import { type Figure, ratioTo, type Report } from '../report.ts';
import { type Samples, summarize } from '../samples.ts';
import { ec2Environment, type Environment, execOn, rigEnvironment } from './environments.ts';
import { measureMove, type Move } from './move.ts';
import { clock } from './clock.ts';

/** Reserved too. */
const ec2Stack = `${benchStack}-ec2`;
/** What the simulated cloud's hosts are for the rig. */
const rigStacks = [benchStack, `${ec2Stack}-cloud`];

/**
 * Measures how long the virtual address takes from a balancer that lost its power to the other one, on the
 * rig and through the API of a simulated EC2, in turn and in one run.
 * @throws UserError as `measureAlone` does
 */
export const vip = (options: AloneOptions): Promise<Report> =>
  measureAlone({ name: 'vip', stacks: rigStacks, measure: measureMoves }, options);

async function measureMoves(options: AloneOptions, progress: Progress): Promise<Figure[]> {
  await setup({ images: ['trixie'], progress });
  const rig = await rigEnvironment(options.base, benchStack, options.signal);
  const ec2 = ec2Environment(ec2Stack);
  await progress.step('Environment on the rig', () => rig.up());
  await progress.step('Environment on the simulated EC2', () => ec2.up());
  const moves = await progress.step('Moves', (say) => inTurnMoved(options, { rig, ec2 }, say));
  await progress.step('Taking both down', async () => {
    for (const stack of rigStacks) await sweep(stack);
  });
  return figuresOf(moves);
}

interface Moves {
  readonly rig: readonly Move[];
  readonly ec2: readonly Move[];
  /** Milliseconds that the AWS CLI needs to say its version on the host that runs it. */
  readonly cli: readonly number[];
}

async function inTurnMoved(
  { runs, signal }: AloneOptions,
  { rig, ec2 }: Readonly<Record<'rig' | 'ec2', Environment>>,
  say: (detail: string) => void,
): Promise<Moves> {
  const moves: { rig: Move[]; ec2: Move[]; cli: number[] } = { rig: [], ec2: [], cli: [] };
  for (let run = 1; run <= runs; run += 1) {
    signal.throwIfAborted();
    say(`${run} of ${runs}, rig`);
    moves.rig.push(await measureMove(rig));
    say(`${run} of ${runs}, EC2`);
    moves.ec2.push(await measureMove(ec2));
    const began = clock();
    await execOn(ec2, 'balancer-1', ['aws', '--version']);
    moves.cli.push(clock() - began);
  }
  return moves;
}

function figuresOf({ rig, ec2, cli }: Moves): Figure[] {
  const samplesOf = (moves: readonly Move[], part: keyof Move): Samples =>
    summarize(moves.map((move) => move[part]));
  const wholeRig = samplesOf(rig, 'whole');
  const cliStart = summarize(cli);
  const figure = (name: string, title: string, samples: Samples, ratio = {}): Figure => ({
    ...{ name, title, unit: 'ms', samples },
    ...ratio,
  });
  const parts = (name: string, moves: readonly Move[]): [Figure, Figure] => [
    figure(`${name}-detection`, '  until VRRP has a new master', samplesOf(moves, 'detection')),
    figure(
      `${name}-first-connection`,
      '  until the first connection is answered',
      samplesOf(moves, 'firstConnection'),
    ),
  ];
  const [rigDetection, rigConnection] = parts('rig', rig);
  const [ec2Detection, ec2Connection] = parts('ec2', ec2);
  const wholeEc2 = samplesOf(ec2, 'whole');
  const api = samplesOf(ec2, 'api');
  return [
    figure('rig', 'Rig: balancer lost to traffic through the other one', wholeRig),
    rigDetection,
    rigConnection,
    figure('cli-start', '`aws --version` on a balancer', cliStart),
    figure(
      'ec2',
      'Simulated EC2, overlay address: the same',
      wholeEc2,
      ratioTo(wholeEc2, wholeRig, 'of the rig'),
    ),
    ec2Detection,
    figure(
      'ec2-api',
      '  until the API leads the address to it',
      api,
      ratioTo(api, cliStart, 'starts of the AWS CLI'),
    ),
    ec2Connection,
  ];
}
