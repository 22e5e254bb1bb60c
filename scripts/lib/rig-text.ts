import type { FoundStack } from '../../infra/rig-provider/stacks/inventory.ts';
import type { Verdict } from '../../infra/rig-provider/stacks/ownership.ts';

export type JudgedStack = FoundStack & Verdict;

/** A stack as `rig -- list` tells of it. */
export interface ListedStack extends Verdict {
  readonly stack: string;
  readonly topology: string | null;
  readonly hosts: FoundStack['hosts'];
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly ports: FoundStack['ports'];
  /** ISO 8601; null for what no entry was made for. */
  readonly since: string | null;
  readonly stateDir: string | null;
  readonly backend: string | null;
}

/** What a collection would do. */
export interface CollectionPlan {
  readonly remove: readonly Collected[];
  /** Orphans that stay because their volumes may hold messages. */
  readonly holdData: readonly Collected[];
  readonly keep: readonly ({ readonly stack: string } & Verdict)[];
}

type Collected = Pick<JudgedStack, 'stack' | 'why' | 'pieces' | 'usedVolumes' | 'folders'>;

/** Orphans go; those with volumes that a broker has had only where their data may be let go of. */
export function collectible(stacks: readonly JudgedStack[], discard: boolean): CollectionPlan {
  const orphans = stacks
    .filter(({ belonging }) => belonging === 'orphan')
    .map(({ stack, why, pieces, usedVolumes, folders }) => {
      const shown = pieces.length > 0 ? pieces : ['its entry in the registry'];
      return { stack, why, pieces: shown, usedVolumes, folders };
    });
  const holdsData = ({ usedVolumes }: Collected): boolean => usedVolumes.length > 0 && !discard;
  return {
    remove: orphans.filter((orphan) => !holdsData(orphan)),
    holdData: orphans.filter(holdsData),
    keep: stacks
      .filter(({ belonging }) => belonging !== 'orphan')
      .map(({ stack, belonging, why }) => ({ stack, belonging, why })),
  };
}

/** The plan for people: what goes first, then what stays and why. */
export function planText({ remove, holdData, keep }: CollectionPlan, yes: boolean): string {
  const verb = yes ? 'removing' : 'would remove';
  const lines = [
    ...remove.flatMap(({ stack, why, pieces }) => [
      `${verb} ${stack}: ${why}`,
      ...pieces.map((piece) => `  ${piece}`),
    ]),
    ...holdData.flatMap(({ stack, why, usedVolumes }) => [
      `keeping ${stack}: ${why}, but its volumes may hold messages`,
      ...usedVolumes.map((file) => `  ${file}`),
      '  to let go of them: --discard-messages',
    ]),
    ...keep.map(({ stack, belonging, why }) => `keeping ${stack}: ${belonging}, ${why}`),
  ];
  if (remove.length === 0) lines.push('nothing to remove');
  else if (!yes) lines.push('nothing was removed; --yes removes it');
  return `${lines.join('\n')}\n`;
}

const headings = ['STACK', 'IS', 'TOPOLOGY', 'HOSTS', 'MEMORY', 'DISK', 'PORTS', 'SINCE'];

/** A row for each stack; its state and why it counts as what it is below. */
export function listText(stacks: readonly ListedStack[]): string {
  if (stacks.length === 0) return 'no stack is on this machine\n';
  const rows = [headings, ...stacks.map(row)];
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const table = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const states = stacks.map(({ stack, why, stateDir, backend }) => {
    const from = stateDir === null ? 'no entry' : `state folder ${stateDir}`;
    const other = backend === null || backend.startsWith('file://') ? '' : `, backend ${backend}`;
    return `${stack}: ${from}${other}; ${why}`;
  });
  return `${[...table, '', ...states].join('\n')}\n`;
}

function row(stack: ListedStack): string[] {
  const { hosts, ports, since } = stack;
  const running = hosts.filter((host) => host.running).length;
  const dead = hosts.length - running;
  const numbers = Object.entries(ports)
    .filter(([name]) => name === 'amqp' || name.startsWith('amqp/'))
    .map(([, port]) => String(port));
  return [
    stack.stack,
    stack.belonging,
    stack.topology ?? '-',
    dead === 0 ? `${running} run` : `${running} run, ${dead} dead`,
    mebibytes(stack.memoryBytes),
    mebibytes(stack.diskBytes),
    numbers.length === 0 ? '-' : `AMQP ${numbers.join(' ')}`,
    since === null ? '-' : since.replace(/\.\d+Z$/, 'Z'),
  ];
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;
