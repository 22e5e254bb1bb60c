import { describe, expect, it } from 'vitest';
import type { frontEnds, topologies } from '../../../infra/config/names.ts';
import { accessPoints } from '../../../infra/plan/endpoints.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import { forAnyBroker, rigPairs } from '../../lib/combinations.ts';
import { allows, ofRole, plan } from '../../lib/plans.ts';

const office = '198.51.100.0/24';
const at = (
  frontEnd: (typeof frontEnds)[number],
  topology: (typeof topologies)[number] = 'quorum-cluster',
  rest: object = {},
): EnvironmentPlan => plan(topology, { frontEnd, network: { clients: [office] }, ...rest });

it.each(rigPairs)(
  '$frontEnd lets clients reach every server of every endpoint of a $topology',
  ({ frontEnd, topology }) => {
    const { endpoints, flows, networks } = at(frontEnd, topology);
    const points = accessPoints(endpoints);
    expect(endpoints.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['amqp', 'management']),
    );
    expect(new Set(points.map(({ name }) => name)).size).toBe(points.length);
    for (const { server } of points) {
      for (const client of ['198.51.100.7', networks.at(-1)?.gateway ?? '']) {
        expect(allows(flows, client, server.address, server.port)).toBe(true);
      }
      expect(allows(flows, '203.0.113.1', server.address, server.port)).toBe(false);
    }
  },
);

describe.each(forAnyBroker)('%s', (frontEnd) => {
  it('keeps to its brokers what they say to each other', () => {
    const environment = at(frontEnd);
    for (const { address } of ofRole(environment, 'broker')) {
      for (const port of [4369, 25_672]) {
        expect(allows(environment.flows, '198.51.100.7', address, port)).toBe(false);
      }
    }
  });

  it('differs from another one in nothing that brokers keep for life', () => {
    const [one, other] = [at(frontEnd), at('haproxy-keepalived')];
    for (const key of ['settled', 'networks'] as const) expect(one[key]).toEqual(other[key]);
    const [before, after] = [one, other].map((environment) =>
      ofRole(environment, 'broker').map((host) => ({ ...host, files: [], labels: {} })),
    );
    expect(after).toEqual(before);
    // A front end that is swapped restarts no broker: their rules are loaded anew, that is all.
    const files = (environment: EnvironmentPlan) =>
      ofRole(environment, 'broker').flatMap(({ name, files: all }) =>
        all.map(({ template, context, onChange }) => ({
          key: `${name} ${template}`,
          text: JSON.stringify(context),
          onChange,
        })),
      );
    const now = new Map(files(one).map(({ key, text }) => [key, text]));
    const changed = files(other).filter(({ key, text }) => now.get(key) !== text);
    const reactions = new Set(changed.map(({ onChange }) => JSON.stringify(onChange)));
    const harmless = /"none"|nftables|real-server/;
    expect([...reactions].filter((reaction) => !harmless.test(reaction))).toEqual([]);
  });
});

describe.each(['direct', 'external'] as const)('%s', (frontEnd) => {
  it('has no hosts, rules and secrets but those of brokers', () => {
    const environment = at(frontEnd);
    expect(ofRole(environment, 'balancer')).toEqual([]);
    expect(environment.virtualAddresses).toEqual([]);
    expect(JSON.stringify(environment.flows)).not.toContain('balancer');
    expect(environment.secrets.map(({ name }) => name)).not.toContain('statistics-password');
    expect(ofRole(environment, 'broker').map(({ labels }) => labels['frontEnd'])).toEqual(
      Array.from({ length: 3 }, () => frontEnd),
    );
  });

  it('lists heavier brokers first', () => {
    const weights = { 'broker-1': 0, 'broker-3': 5 };
    const { endpoints } = at(frontEnd, 'quorum-cluster', { quorumCluster: { weights } });
    for (const { servers } of endpoints) {
      expect(servers.map(({ host, role, weight }) => `${host ?? ''} ${role} ${weight}`)).toEqual([
        'broker-3 active 5',
        'broker-2 active 1',
        'broker-1 active 0',
      ]);
    }
  });

  it('lists the active side of a warren first, the standby as its backup', () => {
    const { endpoints } = at(frontEnd, 'warren');
    for (const { servers } of endpoints) {
      expect(servers.map(({ host, role }) => `${host ?? ''} ${role}`)).toEqual([
        'rabbit-a active',
        'rabbit-b backup',
      ]);
    }
  });
});

describe('external', () => {
  it('asks what only a broker that works answers, as often as the config says', () => {
    const healthCheck = { interval: '1s', timeout: '500ms', rise: 3, fall: 4 };
    expect(
      at('external', 'quorum-cluster', { external: { healthCheck } }).externalBalancer,
    ).toEqual({
      healthCheck: {
        endpoint: 'management',
        method: 'GET',
        path: '/favicon.ico',
        status: 200,
        intervalSeconds: 1,
        timeoutSeconds: 0.5,
        fall: 4,
        rise: { 'broker-1': 3, 'broker-2': 3, 'broker-3': 3 },
      },
      leastIdleTimeoutSeconds: 20,
      cutBackupSessionsOnUp: false,
    });
  });

  it('lets the active side of a warren pass its checks for the delay of a fail-back', () => {
    const { externalBalancer } = at('external', 'warren', {
      warren: { failBack: { delay: '9s' } },
    });
    expect(externalBalancer).toMatchObject({
      healthCheck: { rise: { 'rabbit-a': 6, 'rabbit-b': 2 } },
      cutBackupSessionsOnUp: true,
    });
  });

  it('is asked for by no other front end', () => {
    for (const frontEnd of forAnyBroker.filter((name) => name !== 'external')) {
      expect(at(frontEnd).externalBalancer).toBeUndefined();
    }
  });
});
