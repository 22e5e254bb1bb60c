import { describe, expect, it } from 'vitest';
import {
  balancerOutput,
  endpointUrls,
  serverOutputs,
  withLogin,
} from '../../../infra/components/endpoint-outputs.ts';
import { accessPoints } from '../../../infra/plan/endpoints.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import { plan } from '../../lib/plans.ts';

/** A port for each access point, as the rig gives them. */
const addressesOf = (environment: EnvironmentPlan): Record<string, string> =>
  Object.fromEntries(
    accessPoints(environment.endpoints).map(({ name }, i) => [name, `127.0.0.1:${20_000 + i}`]),
  );
const serversOf = (environment: EnvironmentPlan) =>
  serverOutputs(environment, addressesOf(environment));

describe('outputs of servers', () => {
  it('have one entry where one address serves all', () => {
    const servers = serversOf(plan('quorum-cluster'));
    expect(servers['amqp']).toEqual([
      {
        host: null,
        zone: null,
        url: 'amqp://127.0.0.1:20000',
        address: '127.0.0.1:20000',
        role: 'active',
        weight: 1,
      },
    ]);
    expect(endpointUrls(servers)).toEqual({
      amqp: 'amqp://127.0.0.1:20000',
      management: 'http://127.0.0.1:20001/',
      statistics: 'http://127.0.0.1:20002/stats',
    });
  });

  it('name every broker, its zone and role where clients choose', () => {
    const servers = serversOf(plan('warren', { frontEnd: 'direct' }));
    const place = { role: 'active', weight: 1 };
    expect(servers).toEqual({
      amqp: [
        { ...at('rabbit-a', 'a', 'amqp://127.0.0.1:20000'), ...place },
        { ...at('rabbit-b', 'b', 'amqp://127.0.0.1:20001'), ...place, role: 'backup' },
      ],
      management: [
        { ...at('rabbit-a', 'a', 'http://127.0.0.1:20002/'), ...place },
        { ...at('rabbit-b', 'b', 'http://127.0.0.1:20003/'), ...place, role: 'backup' },
      ],
    });
    expect(endpointUrls(servers)['amqp']).toBe('amqp://127.0.0.1:20000');
  });

  it('refuse a target that leaves one out', () => {
    const environment = plan('warren', { frontEnd: 'direct' });
    const addresses = { ...addressesOf(environment) };
    delete addresses['amqp/rabbit-b'];
    expect(() => serverOutputs(environment, addresses)).toThrow('gave amqp/rabbit-b no address');
  });

  it('carry a login with any character', () => {
    const [amqp] = plan('quorum-cluster').endpoints;
    const uri = withLogin('amqp://127.0.0.1:20000', amqp as never, 'p@ss/w:rd');
    expect(uri).toBe('amqp://application:p%40ss%2Fw%3Ard@127.0.0.1:20000/');
  });
});

it('a balancer of the user is told servers, checks and times, without a login', () => {
  const environment = plan('warren', { frontEnd: 'external' });
  const output = balancerOutput(environment, serversOf(environment));
  expect(output).toMatchInlineSnapshot(`
    {
      "cutBackupSessionsOnUp": true,
      "healthCheck": {
        "expectStatus": 200,
        "fall": 2,
        "intervalSeconds": 2,
        "request": "GET /favicon.ico",
        "scheme": "http",
        "timeoutSeconds": 1,
      },
      "leastIdleTimeoutSeconds": 20,
      "services": {
        "amqp": [
          {
            "address": "127.0.0.1:20000",
            "check": "127.0.0.1:20002",
            "host": "rabbit-a",
            "rise": 2,
            "role": "active",
            "weight": 1,
            "zone": "a",
          },
          {
            "address": "127.0.0.1:20001",
            "check": "127.0.0.1:20003",
            "host": "rabbit-b",
            "rise": 2,
            "role": "backup",
            "weight": 1,
            "zone": "b",
          },
        ],
        "management": [
          {
            "address": "127.0.0.1:20002",
            "check": "127.0.0.1:20002",
            "host": "rabbit-a",
            "rise": 2,
            "role": "active",
            "weight": 1,
            "zone": "a",
          },
          {
            "address": "127.0.0.1:20003",
            "check": "127.0.0.1:20003",
            "host": "rabbit-b",
            "rise": 2,
            "role": "backup",
            "weight": 1,
            "zone": "b",
          },
        ],
      },
    }
  `);
  expect(balancerOutput(plan('warren'), serversOf(plan('warren')))).toBeUndefined();
});

const at = (host: string, zone: string, url: string) => ({
  host,
  zone,
  url,
  address: new URL(url).host,
});
