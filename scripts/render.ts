import { planEnvironment } from '../infra/plan/environment.ts';
import { renderEnvironment } from '../infra/render/environment.ts';
import { runCommand, UsageError } from './lib/cli.ts';
import { writeTree } from './lib/render-tree.ts';
import { loadStack } from './lib/stack.ts';

await runCommand({
  name: 'render',
  summary: 'Writes every file of every host, and its user-data, without deploying anything.',
  json: true,
  options: {
    out: { type: 'string', placeholder: 'DIR', description: 'folder to write to' },
    force: {
      type: 'boolean',
      description: 'write into DIR even if it holds other things; they stay',
    },
  },
  examples: [
    ['npm run render -- --out out/rendered', 'DIR/broker-1/etc/rabbitmq/rabbitmq.conf, ...'],
    ['npm run render -- --stack rig-warren --out out/warren', 'another stack'],
  ],
  notes: [
    'DIR/<host>/ mirrors the host; DIR/<host>.user-data is what cloud-init gets. Secrets are in ' +
      'neither. Needs no root. A DIR that an earlier render made is replaced.',
  ],
  main: async ({ stack, options, json, io }) => {
    const { out, force } = options;
    if (out === undefined) {
      throw new UsageError({
        what: '--out is missing',
        fix: 'npm run render -- --out out/rendered',
      });
    }
    const hosts = renderEnvironment(planEnvironment(await loadStack(stack)));
    const files = await writeTree(out, hosts, { force });
    if (json) {
      io.out(`${JSON.stringify({ stack, out, files }, null, 2)}\n`);
      return 0;
    }
    for (const { name } of hosts) {
      const own = files.filter((file) => file.host === name);
      const bytes = own.reduce((sum, file) => sum + file.bytes, 0);
      io.out(`${out}/${name}: ${own.length} files, ${(bytes / 1024).toFixed(1)} KiB\n`);
    }
    return 0;
  },
});
