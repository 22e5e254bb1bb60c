import { clusterHosts } from '../infra/operations/cluster/ask.ts';
import { recover, release } from '../infra/operations/cluster/split-brain/recover.ts';
import { whyApart } from '../infra/operations/cluster/split-brain/refusals.ts';
import {
  situationOf,
  surveySides,
  weighSide,
} from '../infra/operations/cluster/split-brain/survey.ts';
import type { LiveHost } from '../infra/operations/channel.ts';
import { oneOf, runCommand, UsageError } from './lib/cli.ts';
import { createProgress } from './lib/progress.ts';
import { notUp, openSite, requireHost, type Site } from './lib/site.ts';
import { recoveryText, splitBrainText } from './lib/split-brain-text.ts';

const actions = ['status', 'recover'] as const;
const exitCodes = { whole: 0, syncing: 0, split: 3, unrelated: 3, unknown: 4 } as const;

await runCommand({
  name: 'split-brain',
  summary: 'Finds two copies of one disk that were both written to, and gives one of them up',
  json: true,
  positionals: [{ name: 'action', description: `one of ${actions.join(', ')}`, required: true }],
  options: {
    victim: {
      type: 'string',
      placeholder: 'HOST',
      description: 'recover: the host whose data are replaced; a copy of them is kept',
    },
    quick: {
      type: 'boolean',
      description: 'status: without messages, for which a broker has to boot where none runs',
    },
  },
  examples: [
    ['npm run split-brain -- status --stack rig-drbd', 'what each host has; changes nothing'],
    ['npm run split-brain -- recover --stack rig-drbd --victim drbd-b', 'keeps what drbd-a has'],
  ],
  notes: [
    'recover has the broker serve on the other host, keeps a copy of what the victim has on the victim ' +
      'and compares it, and only then has DRBD replace it. Refused, before anything changes, where there ' +
      'is no split brain, and where the victim has the only copy that is up to date. Interrupted, it ' +
      'can be run again.',
    'Exit codes of status: 0 no split brain, 3 there is one, 4 it cannot be told, 1 failed, 2 wrong usage; ' +
      'of recover: 0 done, 1 refused or failed, 2 wrong usage.',
  ],
  main: async ({ stack, args, options, json, io, cleanup }) => {
    const action = oneOf(actions, {
      subject: 'action',
      value: args['action'],
      fix: 'npm run split-brain -- status',
    });
    if (action === 'recover' && options.victim === undefined) {
      throw new UsageError({
        what: 'no victim given',
        fix: 'npm run split-brain -- status shows what each host has; recover --victim HOST replaces the data of that one',
      });
    }
    const misplaced =
      action === 'status' ? options.victim !== undefined && '--victim' : options.quick && '--quick';
    if (misplaced !== false) {
      throw new UsageError({
        what: `${misplaced} does not go with ${action}`,
        fix: `leave it out; npm run split-brain -- --help says what it is for`,
      });
    }
    const site = await openSite(stack);
    const hosts = pairOf(site);
    if (action === 'status') {
      const report = await survey(site, hosts, !options.quick);
      io.out(json ? `${JSON.stringify(report, null, 2)}\n` : splitBrainText(report, io.colour));
      return exitCodes[report.situation.kind];
    }
    const victim = requireHost({ ...site, hosts }, options.victim ?? '').name;
    const survivor = hosts.find(({ name }) => name !== victim)?.name ?? '';
    // Whatever ends the recovery, the cluster may use both hosts again.
    const { step } = createProgress();
    const recovery = await recover(site.channel, hosts, victim, {
      step,
      whileBanned: (asked) => {
        cleanup(async () => {
          await Promise.allSettled([asked]);
          await release(site.channel, survivor, victim);
        });
      },
    });
    io.out(json ? `${JSON.stringify({ stack, ...recovery })}\n` : recoveryText(recovery));
    return 0;
  },
});

/** @throws UserError when the environment is not up, or has no two hosts that share a disk */
function pairOf({ stack, hosts }: Site): readonly [LiveHost, LiveHost] {
  if (hosts.length === 0) throw notUp(stack);
  const [first, second] = clusterHosts(stack, hosts);
  if (first !== undefined && second !== undefined) return [first, second];
  throw notUp(stack);
}

async function survey(
  { stack, channel }: Site,
  hosts: readonly [LiveHost, LiveHost],
  count: boolean,
) {
  const sides = await surveySides(channel, hosts);
  const situation = situationOf(sides);
  // Copies that are no longer apart are the cluster's own matter: npm run status shows them.
  const apart = situation.kind === 'split' || situation.kind === 'unrelated';
  if (!apart) return { stack, situation, network: null, sides: [] };
  return createProgress().step(
    count ? 'looking at both copies, and counting messages' : 'looking at both copies',
    async () => ({
      stack,
      situation,
      network: whyApart(...sides) ?? whyApart(sides[1], sides[0]) ?? null,
      sides: await Promise.all(sides.map((side) => weighSide(channel, side, count))),
    }),
  );
}
