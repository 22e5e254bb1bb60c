import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { mkdirSync } from 'node:fs';
import { waitFor } from '../../../infra/wait.ts';
import { RigStack } from './stack.ts';

/**
 * The environments of the rig tests. Test files share one and run in the order of their names; each
 * file first brings it up, which does nothing when it is there, so that any file runs alone too.
 */
export const quorum = new RigStack('test-quorum', { topology: 'quorum-cluster' });
export const mirrored = new RigStack('test-mirrored', {
  topology: 'mirrored-cluster',
  mirroredCluster: { ramNodes: ['rabbit-3'] },
});
export const warren = new RigStack('test-warren', { topology: 'warren' });

/** Without balancers; what they do is for other files. */
export const direct = new RigStack('test-direct', {
  topology: 'quorum-cluster',
  frontEnd: 'direct',
});
/** A small one beside others. */
export const second = new RigStack('test-second', { topology: 'warren', frontEnd: 'direct' });
/** Alerts come within seconds, so that a test can wait for them. */
export const monitored = new RigStack('test-monitored', {
  topology: 'warren',
  monitoring: { enabled: true, interval: '1s', alertDelay: '2s' },
});
export const encryptedConfig = {
  topology: 'quorum-cluster',
  tls: { enabled: true, betweenNodes: true },
} as const;
export const encrypted = new RigStack('test-tls', encryptedConfig);

/** Two virtual machines and a container: emulated, they take some six times as long as containers. */
export const replicated = new RigStack(
  'test-drbd',
  { topology: 'drbd-pacemaker', frontEnd: 'pacemaker-vip', rig: { cpus: 2 } },
  6,
);

/** Where a test keeps its ledger. */
export function ledgerFile(name: string): string {
  const folder = process.env['RABBITMQ_HA_KIT_LOGS'] ?? tmpdir();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, `${name}.ledger`);
}

/** Waits until every broker sees `count` running nodes. */
export async function brokersAreWhole(
  stack: RigStack,
  brokers: readonly string[],
  deadlineMs: number,
): Promise<void> {
  for (const host of brokers) {
    await waitFor(
      async () => {
        const nodes = await stack.api<{ name: string; running: boolean }[]>(host, '/api/nodes');
        const running = nodes.filter((node) => node.running);
        return running.length === brokers.length
          ? { done: true, value: true }
          : { seen: `${running.length} of ${nodes.length} nodes run` };
      },
      { subject: `${host} to see ${brokers.length} brokers`, deadlineMs, intervalMs: 250 },
    );
  }
}

/** A figure for people; a test's verdict never depends on it. */
export function figure(what: string, value: number | string): void {
  process.stdout.write(`  figure: ${what}: ${value}\n`);
}
