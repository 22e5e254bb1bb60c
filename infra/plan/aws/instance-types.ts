/**
 * Memory and processor of instance types, from the naming of EC2: a family has so many GiB a vCPU, a
 * size so many vCPUs. Source: the tables of instance types in the EC2 user guide, November 2025.
 */
export interface InstanceFacts {
  readonly memoryMiB: number;
  readonly architecture: 'arm64' | 'x86_64';
}

/** vCPUs by size, for families whose memory grows with them. */
const sizes: Readonly<Record<string, number>> = {
  medium: 1,
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
};

/** GiB a vCPU of the families of one letter. */
const memoryPerCpu: Readonly<Record<string, number>> = { c: 2, m: 4, r: 8 };
/** Generations whose smallest size is `medium`, of one vCPU: those of Graviton. */
const graviton = ['6g', '6gd', '7g', '7gd', '8g', '8gd'];
const intelAndAmd = ['5', '5a', '5d', '6a', '6i', '6id', '7a', '7i', '8i', '8a'];

/** Burstable types have a table of their own, in MiB. */
const burstable: Readonly<Record<string, number>> = {
  nano: 512,
  micro: 1024,
  small: 2048,
  medium: 4096,
  large: 8192,
  xlarge: 16_384,
  '2xlarge': 32_768,
};
const burstableFamilies: Readonly<Record<string, InstanceFacts['architecture']>> = {
  t3: 'x86_64',
  t3a: 'x86_64',
  t4g: 'arm64',
};

/** Families that the kit knows the memory of, for people. */
export const knownFamilies: readonly string[] = [
  ...Object.keys(burstableFamilies),
  ...Object.keys(memoryPerCpu).flatMap((letter) =>
    [...graviton, ...intelAndAmd].map((generation) => `${letter}${generation}`),
  ),
].sort();

/** Undefined for a type that the kit does not know. */
export function instanceFacts(type: string): InstanceFacts | undefined {
  const [family = '', size = ''] = type.split('.', 2);
  const burst = burstableFamilies[family];
  if (burst !== undefined) {
    const memoryMiB = burstable[size];
    return memoryMiB === undefined ? undefined : { memoryMiB, architecture: burst };
  }
  const perCpu = memoryPerCpu[family.slice(0, 1)];
  const cpus = sizes[size];
  if (perCpu === undefined || cpus === undefined || !knownFamilies.includes(family)) {
    return undefined;
  }
  const architecture = architectureOf(type);
  if (architecture === 'x86_64' && size === 'medium') return undefined;
  return { memoryMiB: perCpu * cpus * 1024, architecture };
}

/** What of its nominal memory an instance never sees: firmware and the kernel's own. */
const overhead = 1 / 16;

/** MiB that are left for what is planned on an instance. */
export const usableMemory = (memoryMiB: number): number => Math.floor(memoryMiB * (1 - overhead));

/** Of the family that brokers have unless stated, from the smallest on. */
const brokerTypes = Object.keys(sizes)
  .map((size) => `m7g.${size}`)
  .filter((type) => type !== 'm7g.24xlarge');

/** Smallest type for a broker whose planned memory fits in; undefined when none is large enough. */
export const typeForBroker = (memoryMiB: number): string | undefined =>
  brokerTypes.find((type) => usableMemory(instanceFacts(type)?.memoryMiB ?? 0) >= memoryMiB);

/** Graviton has a `g` after the generation: m7g, c7gn, t4g. */
export const architectureOf = (type: string): InstanceFacts['architecture'] =>
  /^[a-z]+\d+g/.test(type) ? 'arm64' : 'x86_64';
