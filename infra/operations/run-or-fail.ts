import type { Channel } from './channel.ts';

/**
 * Runs argv on a host where anything but success is a fault.
 * @throws with what the command said when it ends with another code than 0.
 */
export async function runOrFail(
  channel: Channel,
  host: string,
  argv: readonly string[],
  timeoutMs = 60_000,
): Promise<void> {
  const { code, stdout, stderr } = await channel.run(host, argv, { timeoutMs });
  if (code === 0) return;
  const said = `${stdout}${stderr}`.trim().slice(-500);
  throw new Error(`${argv.slice(0, 8).join(' ')} on ${host} ended with ${code}: ${said}`);
}
