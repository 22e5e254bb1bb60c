import type { Channel, LiveHost, RunResult } from '../../../infra/operations/channel.ts';
import type { ClusterAnswer } from '../../../infra/operations/cluster/answers.ts';

type Disk = NonNullable<ClusterAnswer['disk']>;
const hosts = ['drbd-a', 'drbd-b'] as const;

/** Both wrote on from the same data: `C0DE` was the last generation that they had in common. */
export const wroteOnA =
  '1111111111111112:C0DE00000000000A:AAAAAAAAAAAAAAA0:0000000000000004:1:1:1:0:0:0:0';
export const wroteOnB =
  '2222222222222222:C0DE00000000000A:AAAAAAAAAAAAAAA0:0000000000000004:1:1:0:0:0:0:0';
function disk(host: string, changes: Partial<Disk> = {}): Disk {
  return {
    connection: 'StandAlone',
    role: host === 'drbd-a' ? 'Primary' : 'Secondary',
    peerRole: 'Unknown',
    state: 'UpToDate',
    peerState: 'DUnknown',
    syncPercent: null,
    outOfSyncKiB: host === 'drbd-a' ? 2048 : 512,
    ...changes,
  };
}

export function saying(
  host: string,
  changes: Partial<Disk> | null = {},
  on = 'drbd-a',
): ClusterAnswer {
  const resource = { agent: '', failed: false, blocked: false };
  return {
    cluster: {
      quorate: true,
      members: hosts.map((name) => ({ name, online: true, unclean: false })),
      resources: [{ ...resource, id: 'broker', role: 'Started', host: on }],
      keptOff: [],
      failures: [],
      fencing: [],
    },
    rings: [],
    votes: null,
    disk: changes && disk(host, changes),
    onlyCopy: null,
  };
}

export const live = (name: string, state: LiveHost['state'] = 'running'): LiveHost => ({
  ...{ name, state, zone: 'a', address: '10.77.2.11' },
  labels: {},
});
export const both: [LiveHost, LiveHost] = [live('drbd-a'), live('drbd-b')];

interface Circumstances {
  /** What the copy has become, once it was looked at in vain for as often. */
  readonly copy?: object;
  readonly unfinished?: number;
  readonly discard?: RunResult;
  readonly messages?: null;
  readonly noView?: true;
  /** DRBD replaces the data of drbd-b already. */
  readonly discarded?: true;
}

/** Two hosts after a split brain, drbd-a with the broker; keeps what changed something, and does it. */
export function environment(given: Circumstances = {}): { channel: Channel; ran: string[] } {
  const ran: string[] = [];
  let connected = given.discarded ?? false;
  let looks = 0;
  let unfinished = given.unfinished ?? 0;
  const diskOf = (host: string): Partial<Disk> => {
    if (!connected) return {};
    // The second time that somebody looks, it is done.
    looks += 1;
    if (looks > 2) return { connection: 'Connected', outOfSyncKiB: 0 };
    return host === 'drbd-a'
      ? { connection: 'SyncSource' }
      : { connection: 'SyncTarget', state: 'Inconsistent' };
  };
  const making = { state: 'making', needBytes: 4096, doneBytes: 0 };
  const whole = { path: '/kept.tar', bytes: 4096, entries: 3 };
  const copied = given.copy ?? { ...whole, state: 'whole' };
  const store = { lastWrite: Date.UTC(2026, 10, 21, 19) / 1000, bytes: 4096, entries: 3 };
  const counted = (host: string): RunResult => {
    const messages = given.messages === null ? null : host === 'drbd-a' ? 150 : 120;
    const queues = [{ vhost: '/', name: 'orders', messages, stream: false }];
    return said(`answer:${Buffer.from(JSON.stringify(queues)).toString('base64')}\n{ok, ok}`);
  };
  const answers: Record<string, (host: string) => RunResult> = {
    'cluster-status': (host) => said(JSON.stringify(saying(host, diskOf(host)))),
    'drbdadm get-gi rabbitmq': (host) => said(host === 'drbd-a' ? wroteOnA : wroteOnB),
    'split-brain look': () => said(JSON.stringify({ store, copies: [] })),
    'split-brain copies': () => said(JSON.stringify([whole])),
    'split-brain copy': () => said(JSON.stringify(making)),
    'split-brain progress': () => {
      unfinished -= 1;
      return said(JSON.stringify(unfinished >= 0 ? making : copied));
    },
    'split-brain discard': () => given.discard ?? said(''),
    'store-view shadow-broker': (host) =>
      given.noView ? { code: 1, stdout: '', stderr: 'no broker comes up' } : counted(host),
    'mq-eval': counted,
  };
  const run: Channel['run'] = (host, argv) => {
    const command = argv.map((word) => word.replace(/^.*\/(?=[a-z-]+$)/, '')).join(' ');
    if (/^(crm|drbdadm connect|mq-eval|split-brain (?!look)|store-view)/.test(command)) {
      ran.push(`${host}: ${command}`);
    }
    if (command === 'drbdadm connect rabbitmq') connected = true;
    const answer = command.includes('/api/nodes')
      ? () => said('[{"running":true}]')
      : (answers[command] ?? (() => said('')));
    return Promise.resolve(answer(host));
  };
  return { channel: { hosts: () => Promise.resolve(both), run }, ran };
}

const said = (stdout: string): RunResult => ({ code: 0, stdout, stderr: '' });
