import type { Channel } from '../channel.ts';

/**
 * The brokers of a warren keep each other alike (warren-drain): what one lacks comes back from the
 * other. While the kit changes one after the other, nothing does. The hold ends by itself after a
 * minute, should the kit not come to end it.
 */
const folder = '/run/rabbitmq-ha-kit';
const lock = `${folder}/definitions.lock`;
const hold = `${folder}/definitions.hold`;
/** A comparison that has begun is waited for. */
const patience = '120';

/** Holds on every broker of the set; the returned function ends it. */
export async function holdComparison(
  channel: Channel,
  brokers: readonly string[],
): Promise<() => Promise<void>> {
  const onEach = async (argv: readonly string[]): Promise<void> => {
    for (const host of brokers) {
      const result = await channel.run(host, argv, { timeoutMs: 130_000 });
      if (result.code === 0) continue;
      throw new Error(`${argv.join(' ')} on ${host} ended with ${result.code}: ${result.stderr}`);
    }
  };
  await onEach(['flock', '--wait', patience, lock, 'touch', hold]);
  return async () => onEach(['rm', '-f', hold]);
}
