import { spawn } from 'node:child_process';
import { constants } from 'node:os';

import { runCommand, UsageError } from './lib/cli.ts';
import { notUp, openSite, requireHost } from './lib/site.ts';

await runCommand({
  name: 'shell',
  summary: 'Runs a command as root on a host, or opens a shell there.',
  options: { host: { type: 'string', placeholder: 'NAME', description: 'the host' } },
  positionals: [{ name: 'host', description: 'the host, where --host is not given' }],
  rest: { name: 'command', description: 'command to run; an interactive shell without one' },
  examples: [
    ['npm run shell -- broker-1', 'an interactive root shell'],
    ['npm run --silent shell -- broker-1 -- rabbitmqctl cluster_status', 'one command'],
    ['npm run shell -- broker-2 -- systemctl kill -s KILL rabbitmq-server', 'a broker dies'],
  ],
  notes: ["The exit code is the command's own; 128 and the signal's number where one ended it."],
  main: async ({ stack, options, args, rest, ignoreInterrupts, cleanup }) => {
    const site = await openSite(stack);
    if (site.hosts.length === 0) throw notUp(stack);
    // With --host, the first bare word already belongs to the command.
    const [name, command] =
      options.host === undefined
        ? [args['host'], rest]
        : [options.host, args['host'] === undefined ? rest : [args['host'], ...rest]];
    if (name === undefined) {
      throw new UsageError({
        what: 'no host given',
        allowed: site.hosts.map((host) => host.name),
        fix: `npm run shell -- ${site.hosts[0]?.name ?? 'HOST'}`,
      });
    }
    const host = requireHost(site, name);
    // A terminal sends its interrupts to the command on the host, too: that one decides.
    ignoreInterrupts();
    const interactive = command.length === 0;
    const { argv, env } = site.entry(host.name, interactive ? ['bash', '--login'] : command);
    return runInForeground(argv, { ...env, ...terminal(interactive) }, cleanup);
  },
});

function terminal(interactive: boolean): Record<string, string> {
  return interactive ? { TERM: process.env['TERM'] ?? 'dumb' } : {};
}

function runInForeground(
  [command = '', ...rest]: readonly string[],
  env: NodeJS.ProcessEnv,
  cleanup: (undo: () => void) => unknown,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { env, stdio: 'inherit' });
    cleanup(() => void child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
