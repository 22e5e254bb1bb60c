import type { ClusterAnswer } from './answers.ts';
import {
  brokerGroup,
  brokerHostOf,
  brokerResource,
  keepsOut,
  missingVotes,
  progressText,
} from './answers.ts';

/** A cluster that says where one broker runs, put together from what its hosts said. */
export interface ClusterStatus {
  readonly quorate: boolean;
  /** Hosts that may not have the broker for now, because a command said so. */
  readonly keptOff: readonly string[];
  /** Whether the quorum device votes, where there is one. */
  readonly deviceVotes: boolean;
  /** Host with the broker; null where it runs nowhere. */
  readonly brokerHost: string | null;
  /** Host whose copy alone has all that was written, while the other one has missed some; else null. */
  readonly onlyCopy: string | null;
  readonly members: readonly ClusterMember[];
  readonly resources: readonly ClusterResource[];
  /** What the cluster manager has had to mend of late; it forgets a failure after a while. */
  readonly failures: readonly string[];
  /** The latest first. */
  readonly fencing: readonly Fencing[];
}

export interface ClusterMember {
  readonly name: string;
  readonly online: boolean;
  /** What it says of its links to the other hosts, e.g. `connected`; empty where it says nothing. */
  readonly rings: readonly string[];
  readonly disk: {
    readonly role: string;
    readonly state: string;
    readonly connection: string;
    readonly syncPercent: number | null;
  } | null;
}

export interface ClusterResource {
  readonly id: string;
  readonly state: string;
  readonly host: string | null;
}

export interface Fencing {
  readonly host: string;
  readonly action: string;
  readonly status: string;
  readonly by: string | null;
  readonly at: string | null;
}

/**
 * Puts the answers of hosts together, by their names. What all should say alike is taken from a host with
 * a majority; undefined where nobody answered. Pure.
 */
export function clusterStatus(
  answers: ReadonlyMap<string, ClusterAnswer>,
): ClusterStatus | undefined {
  const all = [...answers.values()];
  const word = all.find(({ cluster }) => cluster?.quorate === true) ?? all[0];
  if (word === undefined) return undefined;
  const { cluster } = word;
  const names = new Set([...(cluster?.members ?? []).map(({ name }) => name), ...answers.keys()]);
  return {
    quorate: cluster?.quorate ?? false,
    keptOff: cluster?.keptOff ?? [],
    deviceVotes: missingVotes(word) === 0,
    brokerHost: brokerHostOf(word) ?? null,
    onlyCopy: word.onlyCopy,
    members: [...names].sort().map((name) => memberOf(name, word, answers.get(name))),
    resources: (cluster?.resources ?? []).map(({ id, role, host, failed, blocked }) => ({
      id,
      state: blocked ? `${role}, blocked` : failed ? `${role}, failed` : role,
      host,
    })),
    failures: (cluster?.failures ?? []).map(
      ({ host, operation, reason }) =>
        `${operation ?? 'an operation'} on ${host ?? 'a host'}: ${reason ?? 'failed'}`,
    ),
    fencing: (cluster?.fencing ?? []).map((event) => ({ ...event })),
  };
}

function memberOf(
  name: string,
  { cluster }: ClusterAnswer,
  own: ClusterAnswer | undefined,
): ClusterMember {
  const disk = own?.disk ?? null;
  return {
    name,
    online: cluster?.members.some((member) => member.name === name && member.online) ?? false,
    rings: (own?.rings ?? []).flatMap(({ peers }) => Object.values(peers)),
    disk: disk && {
      role: disk.role,
      state: disk.state,
      connection: disk.connection,
      syncPercent: disk.syncPercent,
    },
  };
}

/** What is not as it should be, one clause each. Pure. */
export function clusterTroubles({
  quorate,
  keptOff,
  deviceVotes,
  brokerHost,
  onlyCopy,
  members,
  resources,
  failures,
}: ClusterStatus): string[] {
  return [
    ...(quorate ? [] : ['the cluster has no majority']),
    ...(deviceVotes
      ? []
      : ['the quorum device does not vote: the loss of one host would end the service']),
    ...keptOff.map(
      (host) =>
        `${host} is kept off the broker, until crm_resource --clear --resource ${brokerGroup} --node ${host} there`,
    ),
    ...(brokerHost === null ? ['the broker runs on no host'] : []),
    ...(onlyCopy === null ? [] : [`only ${onlyCopy} has all that was written`]),
    ...members.flatMap(({ name, online, rings, disk }) => [
      ...(online ? [] : [`${name} is not in the cluster`]),
      ...rings.filter((ring) => ring !== 'connected').map((ring) => `${name}: its ring is ${ring}`),
      ...(disk === null ? [] : diskTroubles(name, disk)),
    ]),
    ...resourceTroubles(resources.filter(({ id }) => id !== brokerResource)),
    // Why the broker is down, or a host kept out; what was mended is no trouble any more.
    ...(brokerHost === null ? failures : failures.filter(keepsOut)),
  ];
}

/** Resources that run nowhere. */
function resourceTroubles(resources: readonly ClusterResource[]): string[] {
  const byId = Map.groupBy(resources, ({ id }) => id);
  return [...byId].flatMap(([id, copies]) =>
    copies.some(({ state }) => isActive(state)) ? [] : [`${id} is ${copies[0]?.state ?? 'gone'}`],
  );
}

/** Whether a resource is as it should be, by its state. Pure. */
export const isActive = (state: string): boolean =>
  ['Started', 'Promoted', 'Unpromoted'].includes(state);

function diskTroubles(
  name: string,
  { connection, state, syncPercent }: NonNullable<ClusterMember['disk']>,
): string[] {
  return [
    ...(connection === 'Connected'
      ? []
      : [`${name}: DRBD is ${connection}${progressText(syncPercent)}`]),
    ...(state === 'UpToDate' ? [] : [`${name}: its copy of the disk is ${state}`]),
  ];
}
