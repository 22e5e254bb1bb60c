import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { profiles, targets } from '../../../infra/config/names.ts';
import { lvsProfiles } from '../../../infra/config/lvs.ts';
import { balancingProfiles } from '../../../infra/config/profiles.ts';
import { repositoryRoot } from '../../../infra/paths.ts';
import { configFields } from '../../lib/config-reference.ts';
import { readyStacks } from '../../lib/ready-stacks.ts';
import { sampleConfigs } from '../../lib/sample-environments.ts';
import { type JsonSchema, stackSchema } from '../../lib/stack-schema.ts';

const file = join(repositoryRoot, 'schema', 'stack.schema.json');
const schema = stackSchema();

it('schema/stack.schema.json is what the config schema says', async () => {
  const options = { ...(await resolveConfig(file)), parser: 'json' };
  const expected = await format(JSON.stringify(schema, null, 2), options);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, expected);
  expect(readFileSync(file, 'utf8')).toBe(expected);
});

/** `*` stands for any name, and for any place in a list. */
function below(schema: JsonSchema | undefined, key: string): JsonSchema | undefined {
  if (key !== '*') return schema?.properties?.[key];
  return (schema?.['additionalProperties'] ?? schema?.['items']) as JsonSchema | undefined;
}

it('describes every field', () => {
  const described = configFields().map(({ path }) => {
    let field: JsonSchema | undefined = schema.definitions.environment;
    for (const key of path.split('.')) field = below(field, key);
    return [path, typeof field?.['description']];
  });
  expect(described.filter(([, type]) => type !== 'string')).toEqual([]);
});

// What editors add to the standard: their text for a pattern that does not fit.
const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false }).addVocabulary([
  'patternErrorMessage',
]);
const check = ajv.compile(schema);

/** Where the schema refuses a stack file, below the environment. */
function refusals(content: unknown): string[] {
  if (check(content)) return [];
  const errors: ErrorObject[] = check.errors ?? [];
  return errors.map(({ instancePath, keyword }) => {
    const path = instancePath.replace('/config/rabbitmq-ha-kit:environment', '') || '/';
    return `${path} ${keyword}`;
  });
}
const stackFile = (environment: unknown) => ({
  config: { 'rabbitmq-ha-kit:environment': environment },
});

describe('accepts', () => {
  it.each(readyStacks.map(({ stack, content }) => [stack, content] as const))(
    'the ready stack %s',
    (_, content) => {
      expect(refusals(content)).toEqual([]);
    },
  );
  it.each(Object.entries(sampleConfigs))('the sample %s', (_, environment) => {
    expect(refusals(stackFile(environment))).toEqual([]);
  });
  it.each(profiles)('every value of the profile %s, written out', (profile) => {
    const haproxyKeepalived = { profile, ...balancingProfiles[profile] };
    const lvsKeepalived = { profile, ...lvsProfiles[profile] };
    const sections = { haproxyKeepalived, lvsKeepalived };
    expect(refusals(stackFile({ topology: 'warren', ...sections }))).toEqual([]);
  });
  it('what Pulumi writes beside the config', () => {
    const content = { encryptionsalt: 'v1:x', ...stackFile({ topology: 'warren' }) };
    expect(refusals(content)).toEqual([]);
  });
});

const wrong: readonly (readonly [what: string, environment: unknown, refusal: string])[] = [
  ['no topology', {}, '/ required'],
  ['no section', 'warren', '/ type'],
  ['an unknown topology', { topology: 'quorum' }, '/topology enum'],
  ['an unknown key', { topology: 'warren', brokrs: {} }, '/ additionalProperties'],
  [
    'an unknown key further down',
    { topology: 'warren', warren: { failBack: { dely: '1s' } } },
    '/warren/failBack additionalProperties',
  ],
  [
    'a password',
    { topology: 'warren', rabbitmq: { password: 'x' } },
    '/rabbitmq additionalProperties',
  ],
  [
    'a bare number for memory',
    { topology: 'warren', brokers: { memory: 512 } },
    '/brokers/memory type',
  ],
  [
    'a unit that is none',
    { topology: 'warren', brokers: { disk: '4GB' } },
    '/brokers/disk pattern',
  ],
  [
    'a duration without unit',
    { topology: 'quorum-cluster', quorumCluster: { netTicktime: '15' } },
    '/quorumCluster/netTicktime pattern',
  ],
  [
    'an even cluster',
    { topology: 'quorum-cluster', quorumCluster: { brokers: 4 } },
    '/quorumCluster/brokers enum',
  ],
  [
    'a weight out of range',
    { topology: 'quorum-cluster', quorumCluster: { weights: { 'broker-1': 300 } } },
    '/quorumCluster/weights/broker-1 maximum',
  ],
  [
    'a network that is none',
    { topology: 'warren', network: { cidr: '10.0.0.300/16' } },
    '/network/cidr pattern',
  ],
  ['a single zone', { topology: 'warren', network: { zones: ['a'] } }, '/network/zones minItems'],
  [
    'a zone in capitals',
    { topology: 'warren', network: { zones: ['A', 'b'] } },
    '/network/zones/0 pattern',
  ],
  [
    'a profile that is none',
    { topology: 'warren', haproxyKeepalived: { profile: 'slow' } },
    '/haproxyKeepalived/profile enum',
  ],
  [
    'text for a number deep inside',
    { topology: 'warren', haproxyKeepalived: { vrrp: { routerId: 'ten' } } },
    '/haproxyKeepalived/vrrp/routerId type',
  ],
  [
    'an address that is none',
    { topology: 'warren', haproxyKeepalived: { virtualAddress: '10.77.0' } },
    '/haproxyKeepalived/virtualAddress pattern',
  ],
  [
    'the user guest',
    { topology: 'warren', rabbitmq: { users: { application: 'guest' } } },
    '/rabbitmq/users/application pattern',
  ],
  [
    'an unknown plugin',
    { topology: 'warren', rabbitmq: { plugins: ['rabbitmq_magic'] } },
    '/rabbitmq/plugins/0 enum',
  ],
  [
    'a heartbeat as a number',
    { topology: 'warren', rabbitmq: { heartbeat: 10 } },
    '/rabbitmq/heartbeat type',
  ],
];

describe('refuses, like the kit itself,', () => {
  it.each(wrong)('%s', (_, environment, refusal) => {
    expect(refusals(stackFile(environment))).toContain(refusal);
    expect(() => loadEnvironment(environment, undefined, 'trial')).toThrow();
  });
  it('a stack file without an environment', () => {
    expect(refusals({ config: {} })).toEqual(['/config required']);
    expect(refusals({})).toEqual(['/ required']);
  });
  it('an override that would not fit', () => {
    const { config } = stackFile({ topology: 'warren' });
    const content = { config: { ...config, 'rabbitmq-ha-kit:override': { topology: 'none' } } };
    expect(refusals(content)).toEqual(['/config/rabbitmq-ha-kit:override/topology enum']);
  });
});

it('a target is as known to editors as to the kit', () => {
  for (const target of targets) {
    expect(refusals(stackFile({ topology: 'warren', target }))).toEqual([]);
  }
});
