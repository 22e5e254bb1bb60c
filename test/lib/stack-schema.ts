import { z } from 'zod';
import { environmentSchema } from '../../infra/config/schema.ts';
import { meanings } from './config-meanings.ts';
import { configFields, type Field } from './config-reference.ts';

/** A JSON schema of draft 7, which every editor knows. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

const profiled = ['fast', 'seed'] as const;

/**
 * The JSON schema of a whole stack file, as Pulumi reads it: what editors complete and check. It knows
 * each field's form and values; what fields must be to each other only the kit itself can check.
 */
export function stackSchema(): JsonSchema & {
  readonly definitions: { readonly environment: JsonSchema };
} {
  const fields = new Map(configFields().map((field) => [field.path, field]));
  const environment = described(shapeOfEnvironment(), [], fields);
  const text = (description: string): JsonSchema => ({ type: 'string', description });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Stack file of rabbitmq-ha-kit',
    description: 'One environment: stacks/Pulumi.<stack>.yaml',
    type: 'object',
    required: ['config'],
    additionalProperties: false,
    properties: {
      config: {
        type: 'object',
        description: 'Config of the Pulumi program and of its providers.',
        required: ['rabbitmq-ha-kit:environment'],
        properties: {
          'rabbitmq-ha-kit:environment': {
            description: 'The environment. Only `topology` has no default. See docs/config.md.',
            allOf: [{ $ref: '#/definitions/environment' }, { required: ['topology'] }],
          },
          'rabbitmq-ha-kit:override': {
            description:
              'Laid over the environment. `npm run up -- --topology` keeps one for this machine; a stack file needs none.',
            allOf: [{ $ref: '#/definitions/environment' }],
          },
        },
        patternProperties: {
          '^rabbitmq-ha-kit:password-': {
            type: 'object',
            description: 'A password that is given. Written by `pulumi config set --secret`.',
            required: ['secure'],
            properties: { secure: { type: 'string' } },
            additionalProperties: false,
          },
          '^rabbitmq-ha-kit:(?!(environment|override)$|password-)': false,
        },
      },
      secretsprovider: text('How Pulumi encrypts secrets. Written by Pulumi.'),
      encryptionsalt: text('Of the passphrase. Written by Pulumi into its working copy.'),
      encryptedkey: text('Of a key service. Written by Pulumi.'),
    },
    definitions: { environment },
  };
}

/** Input side of the environment: any section may be left out, as its fields have defaults. */
function shapeOfEnvironment(): JsonSchema {
  const generated = z.toJSONSchema(environmentSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // A section's default is that of its fields; one of nothing says nothing.
      if (JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default;
      // A profile fills in what is left out, at every depth.
      if (zodSchema._zod.def.type === 'pipe') withoutRequired(jsonSchema);
    },
  });
  const shape: Record<string, unknown> = { ...generated };
  // The default of the domain is the stack's name, which the schema does not know.
  for (const keyword of ['$schema', 'required', '~standard'])
    Reflect.deleteProperty(shape, keyword);
  return shape;
}

function withoutRequired(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  const { properties = {} } = schema as JsonSchema;
  Reflect.deleteProperty(schema, 'required');
  Object.values(properties).forEach(withoutRequired);
}

/** With the meaning of each field, what it allows and its default. */
function described(
  schema: JsonSchema,
  path: readonly string[],
  fields: ReadonlyMap<string, Field>,
): JsonSchema {
  const field = fields.get(path.join('.'));
  const { properties, additionalProperties: each, items } = schema;
  const inside = (child: unknown): JsonSchema =>
    described(child as JsonSchema, [...path, '*'], fields);
  return {
    ...(field === undefined ? {} : { description: description(field) }),
    ...schema,
    ...(typeof each === 'object' && field === undefined
      ? { additionalProperties: inside(each) }
      : {}),
    ...(typeof items === 'object' && field === undefined ? { items: inside(items) } : {}),
    ...(properties === undefined || field !== undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, child]) => [
              key,
              described(child, [...path, key], fields),
            ]),
          ),
        }),
  };
}

function description({ path, allowed, defaults }: Field): string {
  // Editors know nothing of links between the pages of docs/.
  const meaning = (meanings[path] ?? '').replaceAll(/\[[^\]]*\]\(([^)#]*)[^)]*\)/g, 'docs/$1');
  const shown = defaults.flatMap((value, index) => {
    if (value === undefined) return [];
    return defaults.length > 1 ? [`${value} (profile ${profiled[index] ?? ''})`] : [value];
  });
  const notes = [
    `Allowed: ${allowed.replaceAll('`', '')}.`,
    ...(shown.length === 0 ? [] : [`Default: ${shown.join(', ')}.`]),
  ];
  return [meaning, ...notes].join('\n');
}
