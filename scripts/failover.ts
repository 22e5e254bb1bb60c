import { askCluster, clusterHosts } from '../infra/operations/cluster/ask.ts';
import { clearWish, failOver } from '../infra/operations/cluster/failover.ts';
import { runCommand, UsageError } from './lib/cli.ts';
import { createProgress } from './lib/progress.ts';
import { notUp, openSite, requireHost } from './lib/site.ts';

await runCommand({
  name: 'failover',
  summary: 'Moves the broker of drbd-pacemaker to the other host, in an orderly way',
  json: true,
  options: {
    to: { type: 'string', placeholder: 'HOST', description: 'the host that is to run it' },
  },
  examples: [['npm run failover -- --stack rig-drbd --to drbd-b', 'before work on drbd-a']],
  notes: [
    'Clients reconnect to the same address. Refused, before anything changes, while the other copy of ' +
      'the disk is not connected and up to date. Interrupted, it can be run again.',
    'Exit codes: 0 the broker serves there, 1 failed, 2 wrong usage.',
  ],
  main: async ({ stack, options: { to }, json, io, cleanup }) => {
    if (to === undefined) {
      throw new UsageError({
        what: 'no host given',
        fix: 'npm run failover -- --to HOST; npm run status shows the hosts',
      });
    }
    const site = await openSite(stack);
    if (site.hosts.length === 0) throw notUp(stack);
    const hosts = clusterHosts(stack, site.hosts);
    const target = requireHost({ ...site, hosts }, to);
    const progress = createProgress();
    const start = performance.now();
    const { from } = await progress.step(`moving the broker to ${to}`, (note) =>
      failOver(site.channel, target, {
        onSeen: note,
        whileWished: (asked) => {
          cleanup(async () => {
            await Promise.allSettled([asked]);
            await clearWish(site.channel, to);
          });
        },
      }),
    );
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    const { disk } = await askCluster(site.channel, to);
    if (json) io.out(`${JSON.stringify({ stack, from: from ?? null, to, seconds, disk })}\n`);
    else
      io.out(from === to ? `The broker was on ${to} already.\n` : `The broker serves on ${to}.\n`);
    return 0;
  },
});
