import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hostDisks } from '../../../infra/rig-provider/names.ts';
import type { RigStack } from './stack.ts';
import { processes } from './traces.ts';

/** What hosts trust is no secret: the stack's outputs show it. */
const openFiles = ['trusted-authorities'];

/**
 * Secrets of all hosts by name, read where only root of a host can: of a certificate its key, line by
 * line, because any of them would give away much of it.
 */
export async function secretsOf(stack: RigStack): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  const folder = '/run/rabbitmq-ha-kit/secrets';
  for (const { name: host } of stack.plan().hosts) {
    for (const name of (await stack.run(host, ['ls', folder])).trim().split('\n')) {
      if (openFiles.includes(name)) continue;
      const value = (await stack.run(host, ['cat', `${folder}/${name}`])).trim();
      for (const [part, text] of secretParts(name, value)) secrets.set(part, text);
    }
  }
  return secrets;
}

function secretParts(name: string, value: string): [string, string][] {
  const key = /-----BEGIN PRIVATE KEY-----\n([^-]+)-----END/.exec(value)?.[1];
  if (key === undefined) return [[name, value]];
  // The first line is the same in every key of this kind.
  const lines = key.trim().split('\n').slice(1);
  return lines.map((line, index) => [`${name} line ${index + 2}`, line]);
}

/** Places where a secret must not be, by name. */
export async function openPlaces(stack: RigStack): Promise<Map<string, string>> {
  const places = new Map([['the Pulumi state', stack.stateFile()]]);
  for (const { name: host } of stack.plan().hosts) {
    const disks = hostDisks(stack.name, host);
    places.set(`user-data of ${host}`, readFileSync(join(disks, 'seed', 'user-data'), 'utf8'));
    for (const file of readdirSync(disks).filter((name) => name.endsWith('.log'))) {
      places.set(`${file} of ${host}`, readFileSync(join(disks, file), 'utf8'));
    }
    const logs = ['sh', '-c', 'journalctl --no-pager; find /var/log -type f -exec cat {} +'];
    places.set(`logs on ${host}`, await stack.run(host, logs, 60_000));
    places.set(`environment file on ${host}`, await stack.run(host, kitFiles));
  }
  // Hosts are containers: their processes are in this machine's list too.
  places.set(
    'process list',
    processes()
      .map(({ text }) => text)
      .join('\n'),
  );
  const commands = join(process.env['RABBITMQ_HA_KIT_LOGS'] ?? '', 'commands.log');
  if (statSync(commands, { throwIfNoEntry: false })) {
    places.set('output of the commands', readFileSync(commands, 'utf8'));
  }
  return places;
}

const kitFiles = ['sh', '-c', 'cat /etc/rabbitmq-ha-kit/*'];

/** One line for each secret that is readable in a place, in clear text or in an encoding. */
export function exposures(
  secrets: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, string>,
): string[] {
  return [...secrets].flatMap(([name, value]) =>
    [...encodings(value)].flatMap(([encoding, text]) =>
      [...places]
        .filter(([, content]) => content.includes(text))
        .map(([place]) => `${name} (${encoding}) in ${place}`),
    ),
  );
}

/** Base64 of a text inside a longer one depends on where it begins: three forms, without the ends. */
function encodings(value: string): Map<string, string> {
  const inside = [0, 1, 2].map((shift): [string, string] => {
    const encoded = Buffer.from('x'.repeat(shift) + value)
      .toString('base64')
      .replace(/=+$/, '');
    return [`base64 at ${shift}`, encoded.slice(shift === 0 ? 0 : 4, -2)];
  });
  return new Map([
    ['clear text', value],
    ['hexadecimal', Buffer.from(value).toString('hex')],
    ...inside,
  ]);
}
