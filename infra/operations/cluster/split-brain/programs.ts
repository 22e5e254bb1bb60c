import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Channel } from '../../channel.ts';

/** On the host; copies of data are kept beside it, for root only. */
const folder = '/var/lib/rabbitmq-ha-kit-split-brain/programs';
const names = ['split-brain', 'store-view', 'shadow-broker'] as const;

/** Argv of a program that was brought to a host. */
export const program = (name: (typeof names)[number]): string => `${folder}/${name}`;

/** Puts each file whole where it belongs. */
const unpack = `
import json, os, sys
folder = sys.argv[1]
os.umask(0o077)
os.makedirs(folder, exist_ok=True)
for name, content in json.load(sys.stdin).items():
    path = os.path.join(folder, name)
    with open(path + ".new", "w") as file:
        file.write(content)
    os.chmod(path + ".new", 0o755)
    os.rename(path + ".new", path)
os.chmod(os.path.dirname(folder), 0o711)
os.chmod(folder, 0o755)
`;

/**
 * Brings what runs on the hosts to one of them. They are no part of a host's plan: nobody needs them before
 * there is a split brain, and user-data on EC2 has no room for what nobody needs.
 * @throws when the host does not take them
 */
export async function bringPrograms(channel: Channel, host: string): Promise<void> {
  const files = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(import.meta.dirname, 'on-host', name), 'utf8');
      return [name, text] as const;
    }),
  );
  const { code, stderr } = await channel.run(host, ['python3', '-c', unpack, folder], {
    input: JSON.stringify(Object.fromEntries(files)),
  });
  if (code !== 0) throw new Error(`${host} took no programs: ${stderr.trim().slice(-500)}`);
}
