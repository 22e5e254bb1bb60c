import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { messageOf } from '../infra/errors.ts';
import type { Channel } from '../infra/operations/channel.ts';
import type { HostEntry } from '../infra/rig-provider/runtime.ts';
import { runCommand, type CommandIo } from './lib/cli.ts';
import { badTime, hostPrefixes, journalCommand, mergeByTime, newestLines } from './lib/journal.ts';
import { notUp, openSite, requireHost } from './lib/site.ts';

/** Hosts answer in well under a second; a hung one must not hold the others' lines back. */
const readDeadlineMs = 10_000;

type Cleanup = (undo: () => void) => () => void;

await runCommand({
  name: 'logs',
  summary: "Shows what the hosts have logged: their journals, by time, and RabbitMQ's own files.",
  options: {
    host: { type: 'string', placeholder: 'NAME', multiple: true, description: 'only this host' },
    unit: {
      type: 'string',
      short: 'u',
      multiple: true,
      description: 'only this unit, e.g. rabbitmq-server, haproxy, keepalived, cloud-final',
    },
    since: { type: 'string', placeholder: 'TIME', description: "e.g. '5 min ago' or 14:02" },
    lines: {
      type: 'number',
      short: 'n',
      default: 50,
      max: 1_000_000,
      description: 'newest lines of each host',
    },
    follow: { type: 'boolean', short: 'f', description: 'go on until interrupted' },
  },
  examples: [
    ['npm run logs', 'the last lines of every host'],
    ['npm run logs -- --host broker-1 --unit rabbitmq-server -f', 'one broker, as it goes'],
    ["npm run logs -- -u keepalived --since '2 min ago'", 'who took the virtual address'],
  ],
  main: async ({ stack, options, io, cleanup }) => {
    const site = await openSite(stack);
    const chosen =
      options.host.length === 0 ? site.hosts : options.host.map((name) => requireHost(site, name));
    if (chosen.length === 0) throw notUp(stack);
    for (const { name } of chosen.filter(({ state }) => state !== 'running')) {
      io.err(`${name} is stopped: its journal cannot be read\n`);
    }
    const names = chosen.filter(({ state }) => state === 'running').map(({ name }) => name);
    await requireTime(site.channel, names[0], options.since);
    const prefixes = hostPrefixes(names, io.colour);
    const show = (host: string, line: string): void => {
      io.out(`${prefixes.get(host) ?? ''}${line}\n`);
    };
    const command = journalCommand(options);
    if (options.follow) {
      const runs = names.map((name) => follow(site.entry(name, command), cleanup, name, show));
      const codes = await Promise.all(runs);
      return codes.every((code) => code === 0) ? 0 : 1;
    }
    const read = await Promise.all(
      names.map(
        async (name) =>
          [
            name,
            await linesOf(name, io, (host) =>
              site.channel.run(host, command, { timeoutMs: readDeadlineMs }),
            ),
          ] as const,
      ),
    );
    for (const { host, line } of mergeByTime(
      new Map(read.map(([name, lines]) => [name, newestLines(lines ?? [], options.lines)])),
    )) {
      show(host, line);
    }
    return read.every(([, lines]) => lines !== undefined) && names.length > 0 ? 0 : 1;
  },
});

/** @throws UsageError when the hosts' journalctl does not take the text for a time. */
async function requireTime(
  channel: Channel,
  host: string | undefined,
  since: string | undefined,
): Promise<void> {
  if (host === undefined || since === undefined) return;
  const argv = ['journalctl', '--quiet', '--lines=0', `--since=${since}`];
  const { stderr } = await channel.run(host, argv, { timeoutMs: readDeadlineMs });
  if (/^Failed to parse timestamp/m.test(stderr)) throw badTime(since);
}

/** Lines of one host; undefined, and a word on standard error, when it could not be read. */
async function linesOf(
  host: string,
  io: CommandIo,
  run: (host: string) => Promise<{ code: number; stdout: string; stderr: string }>,
): Promise<string[] | undefined> {
  try {
    const { code, stdout, stderr } = await run(host);
    if (code !== 0) throw new Error(stderr.trim());
    return stdout.split('\n').filter((line) => line !== '');
  } catch (error) {
    io.err(`${host}: ${messageOf(error)}\n`);
    return undefined;
  }
}

/** Shows lines as they come until the command, or this one, ends. Resolves to its exit code. */
function follow(
  { argv: [command = '', ...rest], env }: HostEntry,
  cleanup: Cleanup,
  host: string,
  show: (host: string, line: string) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what entered the host ends with it.
    const child = spawn(command, rest, {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const forget = cleanup(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      show(host, line);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      forget();
      resolve(code ?? 1);
    });
  });
}
