import { z } from 'zod';
import { doneWhen, waitFor } from '../../../infra/wait.ts';
import { runCommand } from './command.ts';
import { replicated as stack } from './environments.ts';
import { cutOff, reconnect } from './network.ts';
import { takeOverMs } from './replicated.ts';

/** Of this trial: both sides put messages into it. */
export const queue = 'rig.split';
const queuePath = `/api/queues/%2F/${queue}`;

const side = z.object({
  host: z.string(),
  disk: z.object({ connection: z.string() }).nullable(),
  queues: z.array(z.object({ queue: z.string(), messages: z.number().nullable() })).nullable(),
});
const statusAnswer = z.object({
  situation: z.object({ kind: z.string() }),
  network: z.string().nullable(),
  sides: z.array(side),
});
type StatusAnswer = z.infer<typeof statusAnswer>;

/** Messages that a side has in the queue of the trial. @throws when that is not known */
export function heldBy(
  host: string,
  queues: readonly { queue: string; messages: number | null }[] | null | undefined,
): number {
  const messages = queues?.find((one) => one.queue === queue)?.messages;
  if (typeof messages === 'number') return messages;
  throw new Error(`what ${host} holds is not known: ${JSON.stringify(queues)}`);
}

/** What `recover --json` prints, as far as the trial looks at it. */
export const recoveryAnswer = z.object({
  copy: z.object({ path: z.string() }),
  queues: z.array(z.object({ queue: z.string(), messages: z.number() })),
});

export const recovery = (victim: string, ...options: string[]): string[] => [
  ...['split-brain', 'recover', '--stack', stack.name, '--victim', victim],
  ...options,
];

/** @throws when it ends with another code: 0 no split brain, 3 there is one */
export async function splitBrainStatus(
  expected: 0 | 3,
  ...options: string[]
): Promise<StatusAnswer> {
  const argv = ['split-brain', 'status', '--stack', stack.name, '--json', ...options];
  const { code, stdout, stderr } = await runCommand(argv, takeOverMs);
  if (code !== expected) throw new Error(`${argv.join(' ')}: exit ${String(code)}: ${stderr}`);
  return statusAnswer.parse(JSON.parse(stdout));
}

/** Takes fencing away from a live cluster, and from DRBD on both hosts, as `fencing: false` has it; or brings it back. */
export async function switchFencing(state: 'on' | 'off'): Promise<void> {
  const [first = '', second = ''] = stack.hosts('broker');
  const enabled = String(state === 'on');
  await stack.run(first, ['crm_attribute', '--name', 'stonith-enabled', '--update', enabled]);
  const option = `--fencing=${state === 'on' ? 'resource-and-stonith' : 'dont-care'}`;
  for (const host of [first, second]) {
    await stack.run(host, ['drbdadm', 'disk-options', option, 'rabbitmq']);
  }
}

/**
 * Cuts the host with the broker off while it confirms messages, which it does until it notices; the
 * other one takes over and confirms some, too; then the two meet again.
 * @returns how many each side has confirmed and must have, at least
 */
export async function splitBrain(
  victim: string,
  survivor: string,
): Promise<{ onVictim: number; onSurvivor: number }> {
  await stack.change(victim, 'PUT', queuePath, { durable: true });
  const before = await publish(victim, 'before', 5);
  const last = publish(victim, 'victim', 400);
  await cutOff(stack, victim, 5672);
  await waitFor(async () => doneWhen(await serves(survivor), 'it does not serve'), {
    ...{ subject: `the broker on ${survivor}`, deadlineMs: takeOverMs, intervalMs: 1_000 },
  });
  const onVictim = before + (await last);
  const onSurvivor = before + (await publish(survivor, 'survivor', 10));
  await reconnect(stack, victim);
  await waitFor(
    async () => {
      const { network, sides } = await splitBrainStatus(3, '--quick');
      const met = network === null && sides.every(({ disk }) => disk !== null);
      return doneWhen(met, JSON.stringify({ network, sides }));
    },
    { subject: 'the two hosts to meet', deadlineMs: takeOverMs, intervalMs: 2_000 },
  );
  return { onVictim, onSurvivor };
}

/** Messages in the copy of a victim's data that name it as where they were published. */
export async function copiedTo(host: string, path: string): Promise<number> {
  const found = `tar --extract --to-stdout --file "$1" | grep -aoE '(before|victim)-[0-9]+-end' | sort -u | wc -l`;
  return Number(await stack.run(host, ['sh', '-c', found, 'copied', path], 60_000));
}

/** Publishes on the host itself, until the first one that is not confirmed. @returns how many were */
async function publish(host: string, label: string, count: number): Promise<number> {
  const loop = `n=0
    while [ $n -lt "$2" ] && printf '{"properties":{"delivery_mode":2},"routing_key":"%s","payload":"%s-%s-end","payload_encoding":"string"}' "$3" "$1" $n |
      MQ_API_TIMEOUT=5 mq-api POST /api/exchanges/%2F/amq.default/publish 2> /dev/null | grep -q '"routed":true'
    do n=$((n + 1)); done
    echo $n`;
  return Number(
    await stack.run(host, ['sh', '-c', loop, 'publish', label, String(count), queue], takeOverMs),
  );
}

async function serves(host: string): Promise<boolean> {
  const active = await stack.run(host, ['sh', '-c', 'systemctl is-active rabbitmq-server || true']);
  if (active.trim() !== 'active') return false;
  await stack.api(host, '/api/health/checks/local-alarms');
  return true;
}
