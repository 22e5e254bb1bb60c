import { type ClusterStatus, isActive } from '../../infra/operations/cluster/status.ts';

/** A cell, and whether what it says is as it should be; undefined where that is nobody's matter. */
export type ClusterCell = readonly [text: string, ok?: boolean];

/** Tables of the hosts of a cluster, its resources and whom it fenced; the first row of each is its head. */
export function clusterTables(cluster: ClusterStatus | undefined): ClusterCell[][][] {
  if (cluster === undefined) return [];
  return [
    memberRows(cluster),
    resourceRows(cluster),
    failureRows(cluster),
    fencingRows(cluster),
  ].filter((rows) => rows.length > 1);
}

const head = (...titles: readonly string[]): ClusterCell[] => titles.map((title) => [title]);

const memberRows = ({ members, brokerHost }: ClusterStatus): ClusterCell[][] => [
  head('CLUSTER', 'STATE', 'RINGS', 'DRBD', 'ROLE', 'COPY', 'BROKER'),
  ...members.map(({ name, online, rings, disk }): ClusterCell[] => [
    [name],
    [online ? 'online' : 'offline', online],
    [rings.join(', ') || '-', rings.every((ring) => ring === 'connected')],
    [connectionText(disk), disk?.connection === 'Connected'],
    [disk?.role ?? '-'],
    [disk?.state ?? '-', disk?.state === 'UpToDate'],
    [name === brokerHost ? 'here' : '-'],
  ]),
];

function connectionText(disk: ClusterStatus['members'][number]['disk']): string {
  if (disk === null) return '-';
  return disk.syncPercent === null ? disk.connection : `${disk.connection} ${disk.syncPercent} %`;
}

const resourceRows = ({ resources }: ClusterStatus): ClusterCell[][] => [
  head('RESOURCE', 'STATE', 'HOST'),
  ...resources.map(({ id, state, host }): ClusterCell[] => [
    [id],
    [state, isActive(state)],
    [host ?? '-'],
  ]),
];

/** What was mended is no trouble, but worth a look. */
const failureRows = ({ failures }: ClusterStatus): ClusterCell[][] => [
  head('FAILED OF LATE'),
  ...failures.map((failure): ClusterCell[] => [[failure]]),
];

const fencingRows = ({ fencing }: ClusterStatus): ClusterCell[][] => [
  head('FENCED', 'ACTION', 'BY', 'WHEN', 'RESULT'),
  ...fencing.map(({ host, action, by, at, status }): ClusterCell[] => [
    [host],
    [action],
    [by ?? '-'],
    [at ?? '-'],
    [status, status === 'success'],
  ]),
];
