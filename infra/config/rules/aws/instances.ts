import { hasVirtualAddress, sectionOf } from '../../../plan/addressing.ts';
import {
  architectureOf,
  instanceFacts,
  knownFamilies,
  usableMemory,
} from '../../../plan/aws/instance-types.ts';
import { quorumMemoryMiB } from '../../../plan/topologies/quorum-device.ts';
import { suggest } from '../../../suggest.ts';
import type { Problem } from '../../problems.ts';
import type { EnvironmentConfig } from '../../schema.ts';
import { type Rule, showSize } from '../rule.ts';
import { onlyOnAws } from './rule.ts';

interface Sized {
  readonly path: string;
  readonly type: string;
  /** Field that plans the memory of such hosts, and its value in MiB. */
  readonly planned: string;
  readonly memoryMiB: number;
}

/** Types of the hosts that there will be. */
function typesOf(config: EnvironmentConfig) {
  const { aws, brokers, monitoring, topology, drbdPacemaker } = config;
  const { broker, balancer, monitor, quorum } = aws.instanceTypes;
  const sized = (role: string, type: string, planned: string, memoryMiB: number): Sized => ({
    path: `aws.instanceTypes.${role}`,
    type,
    planned,
    memoryMiB,
  });
  const section = sectionOf(config);
  const { memory } = config[section].balancers;
  return [
    sized('broker', broker, 'brokers.memory', brokers.memory),
    ...(hasVirtualAddress(config)
      ? [sized('balancer', balancer, `${section}.balancers.memory`, memory)]
      : []),
    ...(monitoring.enabled
      ? [sized('monitor', monitor, 'monitoring.memory', monitoring.memory)]
      : []),
    ...(topology === 'drbd-pacemaker' && drbdPacemaker.quorumDevice
      ? [sized('quorum', quorum, 'drbdPacemaker.quorumDevice', quorumMemoryMiB)]
      : []),
  ];
}

const memoryOf = ({ aws }: EnvironmentConfig, type: string): number | undefined =>
  aws.instanceMemory[type] ?? instanceFacts(type)?.memoryMiB;

const enoughMemory: Rule = (config) =>
  typesOf(config).flatMap(({ path, type, planned, memoryMiB }): Problem[] => {
    const memory = memoryOf(config, type);
    const related = ['frontEnd', 'monitoring.enabled', planned, `aws.instanceMemory.${type}`];
    if (memory === undefined) return [unknownType(path, type, related)];
    const usable = usableMemory(memory);
    if (memoryMiB <= usable) return [];
    return [
      {
        path,
        what: `has too little memory for ${planned}, ${showSize(memoryMiB)}, from which the watermark and the free-disk limit follow`,
        value: `${type}, ${showSize(memory)}`,
        allowed: `a type of which ${showSize(memoryMiB)} are left for the host: ${showSize(usable)} are with this one`,
        fix: `choose a larger type, or set ${planned}: ${showSize(usable)} at most`,
        related,
      },
    ];
  });

function unknownType(path: string, type: string, related: readonly string[]): Problem {
  const [family = '', size = ''] = type.split('.', 2);
  const near = suggest(family, knownFamilies);
  return {
    path,
    what: 'is no type whose memory the kit knows',
    value: type,
    allowed: `types of the families ${knownFamilies.join(', ')}; others with aws.instanceMemory`,
    fix:
      near === undefined || near === family
        ? `set aws.instanceMemory.${type} to its memory`
        : `did you mean ${near}.${size}? Else set aws.instanceMemory.${type} to its memory`,
    related,
  };
}

/** One image a release is for one kind of processor. */
const oneArchitecture: Rule = (config) => {
  const [first, ...others] = typesOf(config);
  if (first === undefined) return [];
  const wanted = architectureOf(first.type);
  return others
    .filter(({ type }) => architectureOf(type) !== wanted)
    .map(({ path, type }) => ({
      path,
      what: 'is of another processor than the brokers, whose images cannot start on it',
      value: `${type}, ${architectureOf(type)}`,
      allowed: `types of ${wanted}, as ${first.type}`,
      fix: wanted === 'arm64' ? 'choose e.g. t4g.small' : 'choose e.g. t3.small',
      related: [first.path, 'frontEnd', 'topology', 'monitoring.enabled'],
    }));
};

const distinctImages: Rule = ({ aws: { images } }) =>
  images.trixie === undefined || images.trixie !== images.bookworm
    ? []
    : [
        {
          path: 'aws.images.bookworm',
          what: 'is the image of trixie: one image is of one release of Debian',
          value: images.bookworm,
          allowed: 'the id of an image of Debian 12, bookworm',
          fix: 'remove the line and look it up, or correct the other one',
          related: ['aws.images.trixie'],
        },
      ];

const agentNeedsImage: Rule = ({ aws: { access, goldenImage } }) =>
  access.method !== 'session-manager' || goldenImage
    ? []
    : [
        {
          path: 'aws.access.method',
          what: 'needs the agent of Systems Manager, which no image or package of Debian holds',
          value: access.method,
          allowed: 'instance-connect or none without a golden image',
          fix: 'choose instance-connect, or make an image with the agent and set aws.goldenImage: true',
          related: ['aws.goldenImage'],
        },
      ];

export const instanceRules = [enoughMemory, oneArchitecture, distinctImages, agentNeedsImage].map(
  onlyOnAws,
);
