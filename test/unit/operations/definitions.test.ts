import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  carryDefinitions,
  type Definitions,
} from '../../../infra/operations/service/definitions.ts';
import { repositoryRoot } from '../../../infra/paths.ts';
import { nativeTool } from '../../lib/native-tools.ts';

const filter = 'templates/broker/usr/local/lib/rabbitmq-ha-kit/definitions.jq';
const queue = (name: string, type: string) => ({
  name,
  vhost: '/',
  durable: true,
  arguments: { 'x-queue-type': type },
});

/** One of everything that stays, beside its like that goes. */
const exported: Definitions = {
  rabbit_version: '4.0.5',
  users: [{ name: 'carol', password_hash: 'synthetic', tags: [] }],
  queues: [queue('orders', 'quorum'), queue('rabbitmq-ha-kit.restart', 'quorum')],
  permissions: [{ user: 'carol', vhost: '/', configure: '', write: '.*', read: '.*' }],
  parameters: [
    { component: 'shovel', name: 'to-elsewhere', vhost: '/', value: {} },
    { component: 'federation', name: 'local-username', vhost: '/', value: 'carol' },
    { component: 'federation-upstream', name: 'far', vhost: '/', value: {} },
    { component: 'federation-upstream-set', name: 'all', vhost: '/', value: [] },
    { component: 'operator_policy', name: 'limits', vhost: '/', value: {} },
    { component: 'vhost-limits', name: 'limits', vhost: '/', value: {} },
  ],
  global_parameters: [
    { name: 'cluster_name', value: 'rig' },
    { name: 'internal_cluster_id', value: 'rabbitmq-cluster-id-1' },
    { name: 'cluster_tags', value: {} },
    { name: 'cluster_policy_of_someone', value: 1 },
  ],
};

describe('definitions.jq on a broker', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'definitions-'));
    cpSync(join(repositoryRoot, filter), join(folder, 'definitions.jq'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function apply(expression: string, input: object): Promise<unknown> {
    writeFileSync(join(folder, 'input.json'), JSON.stringify(input));
    const result = await nativeTool('jq', folder, (path) => [
      '-L',
      path,
      `include "definitions"; ${expression}`,
      `${path}/input.json`,
    ]);
    expect(result.code, result.output).toBe(0);
    return JSON.parse(result.stdout);
  }

  it('carries what a swap carries, no more and no less', async () => {
    const { definitions, leftBehind } = carryDefinitions(exported);
    expect(leftBehind).toHaveLength(4);
    expect(await apply('carried', exported)).toEqual(definitions);
  });

  it('needs no section to be there', async () => {
    const small = { users: [] };
    expect(await apply('carried', small)).toEqual(carryDefinitions(small).definitions);
  });

  it('finds what is new or otherwise, not what is gone, nor a turn at a restart', async () => {
    const before = {
      users: exported['users'],
      queues: [queue('orders', 'classic'), queue('gone', 'quorum')],
    };
    expect(
      await apply('.now as $now | .before as $before | $now | since($before)', {
        before,
        now: { ...exported, parameters: [], global_parameters: [] },
      }),
    ).toEqual({ queues: [queue('orders', 'quorum')], permissions: exported['permissions'] });
  });

  it('imports topic permissions after the exchanges that they name', async () => {
    const topics = { topic_permissions: [{ user: 'carol', vhost: '/', exchange: 'events' }] };
    const rest = { exchanges: [{ name: 'events', vhost: '/' }] };
    expect(await apply('[in_order]', { ...rest, ...topics })).toEqual([rest, topics]);
    expect(await apply('[in_order]', rest)).toEqual([rest]);
  });

  it('finds nothing new in an equal export', async () => {
    expect(await apply('. as $same | since($same)', exported)).toEqual({});
  });
});
