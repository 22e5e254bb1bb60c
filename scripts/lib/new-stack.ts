import { relative } from 'node:path';
import { parse, stringify } from 'yaml';

import { loadEnvironment } from '../../infra/config/load.ts';
import {
  type FrontEndName,
  frontEnds,
  maxClusterSize,
  targets,
  topologies,
  type TopologyName,
} from '../../infra/config/names.ts';
import { isPlainObject } from '../../infra/config/merge.ts';
import { ConfigError } from '../../infra/config/problems.ts';
import { showSize } from '../../infra/config/rules/rule.ts';
import { keysAt } from '../../infra/config/schema-keys.ts';
import type { EnvironmentConfig } from '../../infra/config/schema.ts';
import { instanceFacts, typeForBroker, usableMemory } from '../../infra/plan/aws/instance-types.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import { type AwsChoice, awsSection } from './new-aws.ts';
import { environmentKey } from './pulumi-workspace.ts';

/** What a new stack is made of; sizes in the notation of the config. */
export interface Choice {
  readonly topology: TopologyName;
  readonly frontEnd: FrontEndName;
  readonly target: EnvironmentConfig['target'];
  /** Undefined leaves them to the config. */
  readonly zones: readonly string[] | undefined;
  /** Undefined where the topology fixes it. */
  readonly brokers: number | undefined;
  readonly memory: string;
  readonly disk: string;
  /** Undefined on other targets. */
  readonly aws: Partial<AwsChoice> | undefined;
}

/** The part of a choice that shapes an environment; what is left out is still open. */
export type Shape = Pick<Choice, 'topology' | 'frontEnd' | 'target'>;

/** Config that holds these choices and nothing else. */
export function environmentOf(choice: Partial<Choice>): Record<string, unknown> {
  const { topology, frontEnd, target, zones, brokers, memory, disk, aws } = choice;
  const size = given({ memory, disk });
  return given({
    target,
    topology,
    frontEnd,
    ...(zones === undefined ? {} : { network: { zones } }),
    ...(topology === undefined || brokers === undefined
      ? {}
      : { [sectionOf(topology)]: { brokers } }),
    ...(Object.keys(size).length === 0 ? {} : { brokers: size }),
    ...(aws === undefined ? {} : { aws: given(awsSection(aws)) }),
  });
}

const given = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** `quorum-cluster` has the section `quorumCluster`. */
const sectionOf = (topology: string): string =>
  topology.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The config of a choice, with an example in place of what is still open and has no default.
 * @throws ConfigError
 */
export function load(choice: Partial<Choice>): EnvironmentConfig {
  const { target, memory, aws } = choice;
  const complete =
    target === 'aws'
      ? {
          ...choice,
          aws: { region: exampleRegion, instanceType: typeFor(memory), ...given({ ...aws }) },
        }
      : choice;
  try {
    return loadEnvironment(environmentOf(complete), undefined, 'new');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError('new', error.problems, 'the new stack');
  }
}

export const exampleRegion = 'eu-central-1';

/** Smallest instance type for brokers of that memory; undefined leaves it to the config. */
export function typeFor(memory: string | undefined): string | undefined {
  if (memory === undefined) return undefined;
  const sized = { topology: 'quorum-cluster', memory, disk: largestDisk } as const;
  return works(sized) ? typeForBroker(load(sized).brokers.memory) : undefined;
}

/** Whether the config's rules take a choice. */
export function works(choice: Partial<Choice>): boolean {
  try {
    load(choice);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

/** Every combination that works and has what is chosen already, in the order of the config's names. */
export function shapesFor(chosen: Partial<Shape>): Shape[] {
  const all = topologies.flatMap((topology) =>
    frontEnds.flatMap((frontEnd) => targets.map((target) => ({ topology, frontEnd, target }))),
  );
  return all.filter(
    (shape) =>
      Object.entries(chosen).every(([key, value]) => shape[key as keyof Shape] === value) &&
      works(shape),
  );
}

/** Numbers of brokers that a shape may have; empty where its topology fixes the number. */
export function brokerCounts(shape: Shape): number[] {
  if (!keysAt([sectionOf(shape.topology)]).includes('brokers')) return [];
  const counts = Array.from({ length: maxClusterSize }, (_, index) => index + 1).filter((brokers) =>
    works({ ...shape, brokers }),
  );
  return counts.length > 1 ? counts : [];
}

/** What the config says where a size is not stated; on aws the memory that its instances have. */
export function defaultSize(
  shape: Shape,
  instanceType?: string,
): { brokers: number | undefined; memory: string } {
  const config = load(shape);
  const section = (config as Readonly<Record<string, unknown>>)[sectionOf(shape.topology)];
  const brokers = isPlainObject(section) ? section['brokers'] : undefined;
  const facts = instanceFacts(instanceType ?? config.aws.instanceTypes.broker);
  const usable = usableMemory(facts?.memoryMiB ?? 0);
  return {
    brokers: typeof brokers === 'number' ? brokers : undefined,
    memory: showSize(
      shape.target === 'rig' || usable < 1024
        ? config.brokers.memory
        : Math.floor(usable / 1024) * 1024,
    ),
  };
}

/** Zones that hosts of a choice stand in. */
export function defaultZones(choice: Partial<Choice>): string[] {
  const config = load(choice);
  const used = new Set(planEnvironment(config).hosts.map(({ zone }) => zone));
  return config.network.zones.filter((zone) => used.has(zone));
}

/** A data volume for brokers of that memory: four times as much, as in the config's defaults. */
export function diskFor(shape: Partial<Choice>, memory: string): string {
  return showSize(load({ ...shape, memory, disk: largestDisk }).brokers.memory * 4);
}

/** Large enough for any memory, so that only the memory is judged. */
export const largestDisk = '16384GiB';

/**
 * The stack file's text, and the config that it was checked to hold.
 * @param schema path of the JSON schema, @param folder where the file will be
 * @throws ConfigError when the choice contradicts itself
 */
export function newStackFile(
  stack: string,
  choice: Choice,
  { schema, folder }: { readonly schema: string; readonly folder: string },
): { text: string; config: EnvironmentConfig } {
  const content = { config: { [environmentKey]: environmentOf(choice) } };
  const count = choice.brokers === undefined ? '' : ` of ${choice.brokers} brokers`;
  const place = choice.target === 'aws' ? ' on EC2' : '';
  const text = [
    `# Shows a ${choice.topology}${count}${place}, front end ${choice.frontEnd}. \`npm run up -- --stack ${stack}\`.`,
    `# yaml-language-server: $schema=${relative(folder, schema)}`,
    stringify(content),
  ].join('\n');
  // What is checked is what will be read: the text.
  const written = parse(text) as typeof content;
  return { text, config: loadEnvironment(written.config[environmentKey], undefined, stack) };
}
