/** Everything that can be known to fail, judged before the first change. Pure: facts in, problems out. */
import { UserError } from '../../infra/errors.ts';
import type { UserErrorParts } from '../../infra/errors.ts';
import type { Ability, FileSystem, OsRelease } from './machine.ts';

export interface Facts {
  /** Whether hosts are to be on this machine; else it only runs Pulumi. */
  readonly hosts: boolean;
  readonly uid: number;
  readonly os: OsRelease;
  readonly cache: FileSystem;
  readonly disks: FileSystem;
  readonly availableMemory: number;
  /** Hosts of some stack are on this machine already, with the memory that they need. */
  readonly hostsExist: boolean;
  /** Pieces that set-up still has to make, by the bytes that each needs in the cache. */
  readonly toMake: Readonly<Record<string, number>>;
  /** Abilities that were tried and failed, with the kernel's words; undefined when not tried yet. */
  readonly missingAbilities: ReadonlyMap<Ability, string> | undefined;
  /** What apt said of mirrors that it could not reach; undefined when it was not asked. */
  readonly mirrorProblem: string | undefined;
}

const gibibyte = 1024 ** 3;
/** Disks and logs of an environment of five hosts, with room to work. */
const diskNeed = 1.5 * gibibyte;
const memoryNeed = 3 * gibibyte;

const supported: Readonly<Record<string, readonly string[]>> = {
  debian: ['12', '13'],
  ubuntu: ['24.04'],
};

/** Every problem, in the order in which a person would put them right. */
export function judge(facts: Facts): UserErrorParts[] {
  if (!facts.hosts) return judgeDisk(facts);
  return [
    ...judgeUser(facts),
    ...judgeSystem(facts),
    ...judgeDisk(facts),
    ...judgeMemory(facts),
    ...judgeAbilities(facts),
    ...judgeMirror(facts),
  ];
}

/** @throws PreflightError when there is any problem. */
export function requireNoProblems(problems: readonly UserErrorParts[]): void {
  if (problems.length > 0) throw new PreflightError(problems);
}

/** All problems in one answer; nothing has been changed when it is thrown. */
export class PreflightError extends UserError {
  override readonly name = 'PreflightError';
  readonly problems: readonly UserErrorParts[];

  constructor(problems: readonly UserErrorParts[]) {
    const [only] = problems;
    const several = problems.length !== 1 || only === undefined;
    super(several ? inOne(problems) : only);
    this.problems = problems;
  }
}

function inOne(problems: readonly UserErrorParts[]): UserErrorParts {
  const lines = problems.map(({ what, value, allowed, fix }, index) => {
    const said = [
      `${index + 1}. ${what}${value === undefined ? '' : `: ${value}`}`,
      ...(allowed === undefined ? [] : [`allowed: ${[allowed].flat().join(', ')}`]),
      ...(fix === undefined ? [] : [`fix: ${fix}`]),
    ];
    return said.join('\n     ');
  });
  return {
    what: [
      `this machine is not ready, for ${problems.length} reasons; nothing was changed`,
      ...lines,
    ].join('\n  '),
  };
}

function judgeUser({ uid }: Facts): UserErrorParts[] {
  if (uid === 0) return [];
  return [
    {
      what: 'the rig needs root: it makes network namespaces and mounts',
      value: `user id ${uid}`,
      allowed: 'user id 0',
      fix: 'run the same command as root, e.g. with sudo',
    },
  ];
}

function judgeSystem({ os }: Facts): UserErrorParts[] {
  if (supported[os.id]?.includes(os.version) === true) return [];
  return [
    {
      what: 'this system is not supported',
      value: os.prettyName === '' ? 'one without /etc/os-release' : os.prettyName,
      allowed: ['Debian 12', 'Debian 13', 'Ubuntu 24.04'],
      fix: 'use a machine, a virtual machine or a privileged container of one of these',
    },
  ];
}

function judgeDisk({ hosts, cache, disks, toMake }: Facts): UserErrorParts[] {
  const cacheNeed = Object.values(toMake).reduce((sum, bytes) => sum + bytes, 0);
  const pieces = Object.keys(toMake).join(', ');
  const cacheAlone = { place: cache, bytes: cacheNeed, variable: 'RABBITMQ_HA_KIT_CACHE' };
  const shared = hosts && cache.device === disks.device;
  const needs = shared
    ? [{ place: disks, bytes: cacheNeed + diskNeed, variable: 'RABBITMQ_HA_KIT_CACHE or _DISKS' }]
    : [
        cacheAlone,
        ...(hosts ? [{ place: disks, bytes: diskNeed, variable: 'RABBITMQ_HA_KIT_DISKS' }] : []),
      ];
  return needs
    .filter(({ place, bytes }) => place.freeBytes < bytes)
    .map(({ place, bytes, variable }) => ({
      what: `too little disk at ${place.existing}`,
      value: `${inGib(place.freeBytes)} free`,
      allowed: `at least ${inGib(bytes)}${pieces === '' ? '' : ` (still to make: ${pieces})`}`,
      fix: `free some, or point ${variable} to another file system`,
    }));
}

function judgeMemory({ availableMemory, hostsExist }: Facts): UserErrorParts[] {
  if (hostsExist || availableMemory >= memoryNeed) return [];
  return [
    {
      what: 'too little memory for an environment',
      value: `${inGib(availableMemory)} available`,
      allowed: `at least ${inGib(memoryNeed)}`,
      fix: 'end other programs or use a larger machine',
    },
  ];
}

function judgeAbilities({ missingAbilities, disks }: Facts): UserErrorParts[] {
  return [...(missingAbilities ?? [])].map(([ability, why]) => ({
    what: `this machine gives no ${ability}`,
    value: why === '' ? 'the trial failed without a word' : why,
    fix:
      ability === 'overlayfs'
        ? `point RABBITMQ_HA_KIT_DISKS to a file system that overlayfs can write on (ext4, xfs), ${disks.existing} is none; in a container mount a volume there`
        : 'use a kernel that has it; in a container run that one privileged',
  }));
}

function judgeMirror({ mirrorProblem }: Facts): UserErrorParts[] {
  if (mirrorProblem === undefined) return [];
  return [
    {
      what: 'the Debian package mirrors are out of reach',
      value: mirrorProblem,
      fix: "make `apt-get update` succeed: network, proxy (Acquire::http::Proxy) or apt's sources",
    },
  ];
}

const inGib = (bytes: number): string => `${(bytes / gibibyte).toFixed(1)} GiB`;
