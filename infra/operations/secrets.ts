import type { Channel } from './channel.ts';

/** Where a host finds its secrets; part of the contract of docs/host.md. */
const folder = '/run/rabbitmq-ha-kit/secrets';

/** A secret as the host has it. @throws when the host is not running or has no such secret. */
export async function readSecret(channel: Channel, host: string, name: string): Promise<string> {
  const { code, stdout, stderr } = await channel.run(host, ['cat', `${folder}/${name}`]);
  if (code === 0) return stdout;
  throw new Error(`host ${host} has no secret ${name}: ${stderr.trim()}`);
}
