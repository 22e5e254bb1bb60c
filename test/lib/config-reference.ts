import { z } from 'zod';
import { profiles } from '../../infra/config/names.ts';
import { problemsOf } from '../../infra/config/problems.ts';
import { lvsProfiles } from '../../infra/config/lvs.ts';
import { balancingProfiles, type Profiles } from '../../infra/config/profiles.ts';
import { environmentSchema, optionalPlugins } from '../../infra/config/schema.ts';
import { meanings } from './config-meanings.ts';

/** One field of the config as docs/config.md shows it. */
export interface Field {
  readonly path: string;
  readonly allowed: string;
  /** In the notation of the config, one for all profiles or one for each; undefined without. */
  readonly defaults: readonly (string | undefined)[];
}

/** More values than this stand below the table, not in it. */
const manyValues = 8;
/** Sections whose defaults depend on the profile. */
const profiled: Readonly<Record<string, Profiles>> = {
  haproxyKeepalived: balancingProfiles,
  lvsKeepalived: lvsProfiles,
};

/** Every field of the schema, in its order. */
export const configFields = (): Field[] => fieldsBelow(environmentSchema, []);

function fieldsBelow(schema: unknown, path: readonly string[]): Field[] {
  const { bare, given } = unwrap(schema);
  // What is by name or a list of sections is described by what each one takes.
  const each = bare instanceof z.ZodRecord ? bare.valueType : undefined;
  const one = bare instanceof z.ZodArray ? bare.element : each;
  if (one !== undefined && isSection(unwrap(one).bare)) return fieldsBelow(one, [...path, '*']);
  if (!(bare instanceof z.ZodObject) || isSettings(path)) return [fieldAt(bare, given, path)];
  const shape: Readonly<Record<string, unknown>> = bare.shape;
  return Object.entries(shape).flatMap(([key, child]) => fieldsBelow(child, [...path, key]));
}

const isSection = (schema: unknown): boolean =>
  schema instanceof z.ZodObject ||
  (schema instanceof z.ZodRecord && isSection(unwrap(schema.valueType).bare));

/** Sections of settings that RabbitMQ itself documents. */
const isSettings = (path: readonly string[]): boolean =>
  path[0] === 'definitions' && ['arguments', 'definition'].includes(path.at(-1) ?? '');

/** The schema beneath its defaults, and the default as it would be written. */
function unwrap(schema: unknown): { bare: unknown; given?: unknown } {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return { ...unwrap(schema.unwrap()), given: schema.def.defaultValue };
  }
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap());
  // What is pre-processed is described by what comes out; other pipes have a notation of their own.
  if (schema instanceof z.ZodPipe && schema.out instanceof z.ZodObject) return unwrap(schema.out);
  return { bare: schema };
}

function fieldAt(schema: unknown, given: unknown, path: readonly string[]): Field {
  const [section = '', ...inner] = path;
  const sets = given === undefined ? profiled[section] : undefined;
  const defaults =
    sets === undefined ? [given] : profiles.map((name) => valueAt(sets[name], inner));
  return { path: path.join('.'), allowed: allowedBy(schema), defaults: defaults.map(show) };
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined || typeof value !== 'object' || value === null) return value;
  return valueAt((value as Readonly<Record<string, unknown>>)[key], rest);
}

function show(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(show).join(', ');
  if (typeof value === 'object') return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a config error would call allowed. */
function allowedBy(schema: unknown): string {
  if (schema instanceof z.ZodNumber)
    return schema.maxValue === Number.MAX_SAFE_INTEGER
      ? 'a whole number'
      : `${schema.minValue ?? ''} to ${schema.maxValue ?? ''}`;
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodLiteral) return [...schema.values].map(String).join(', ');
  if (schema instanceof z.ZodEnum) {
    const values = z.array(z.string()).parse(schema.options).map(code);
    return values.length > manyValues && values[0] === code(optionalPlugins[0])
      ? 'a name of the list below'
      : values.join(', ');
  }
  if (schema instanceof z.ZodArray) return `a list, each: ${allowedBy(schema.element)}`;
  if (schema instanceof z.ZodObject) return 'settings of RabbitMQ';
  if (schema instanceof z.ZodUnion) return schema.options.map(allowedBy).join(', or ');
  if (schema instanceof z.ZodRecord) return `by name: ${allowedBy(schema.valueType)}`;
  if (!(schema instanceof z.ZodType)) throw new TypeError('not a schema');
  // Kinds with a notation of their own say what they take when they refuse.
  const refused = schema.safeParse(Symbol('never a value'));
  const [issue] = refused.error?.issues ?? [];
  if (issue === undefined) throw new TypeError(`a schema of type ${schema.type} takes anything`);
  return problemsOf(issue, undefined)[0]?.allowed ?? '';
}

const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');

const titles: readonly (readonly [section: string, title: string])[] = [
  ['', 'Top level'],
  ['network', 'network'],
  ['brokers', 'brokers'],
  ['quorumCluster', 'quorumCluster'],
  ['mirroredCluster', 'mirroredCluster'],
  ['warren', 'warren'],
  ['drbdPacemaker', 'drbdPacemaker'],
  ['rabbitmq', 'rabbitmq'],
  ['tls', 'tls'],
  ['monitoring', 'monitoring'],
  ...Object.keys(profiled).map((section) => [section, section] as const),
  ['external', 'external'],
  ['rig', 'rig'],
  ['aws', 'aws'],
  ['definitions', 'definitions'],
];

/** The tables of docs/config.md; Prettier aligns them. */
export function configTables(): string {
  const fields = configFields();
  return titles
    .map(([section, title]) => {
      const own = fields.filter(({ path }) => sectionOf(path) === section);
      const name = section === '' ? title : code(title);
      const below =
        section === 'rabbitmq' ? `\nPlugins: ${optionalPlugins.map(code).join(', ')}.\n` : '';
      return `## ${name}\n\n${table(own, section)}\n${below}`;
    })
    .join('\n');
}

const sectionOf = (path: string): string =>
  path.includes('.') ? path.slice(0, path.indexOf('.')) : '';

function table(fields: readonly Field[], section: string): string {
  const columns = Object.hasOwn(profiled, section)
    ? profiles.map((name) => `Default, ${code(name)}`)
    : ['Default'];
  const rows = fields.map(({ path, allowed, defaults }) => {
    const name = section === '' ? path : path.slice(section.length + 1);
    const shown = columns.map((_, index) => {
      const value = defaults.length === 1 ? defaults[0] : defaults[index];
      return value === undefined || value === '' ? '' : value === 'none' ? 'none' : code(value);
    });
    return [code(name), ...shown, allowed, meanings[path] ?? ''].map(cell);
  });
  const head = ['Field', ...columns, 'Allowed', 'What it does'];
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}
