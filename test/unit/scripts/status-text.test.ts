import { stripVTControlCharacters } from 'node:util';

import { expect, test } from 'vitest';

import type { StatusReport } from '../../../infra/operations/status/model.ts';
import { statusText } from '../../../scripts/lib/status-text.ts';

const report: StatusReport = {
  warnings: ['broker-2 did not say its alarms: no answer within 900 ms'],
  status: {
    stack: 'rig-warren',
    target: 'rig',
    topology: 'warren',
    frontEnd: 'haproxy-keepalived',
    endpoints: {
      amqp: 'amqp://127.0.0.1:20614',
      management: null,
      statistics: null,
    },
    servers: {
      amqp: [{ host: null, url: 'amqp://127.0.0.1:20614' }],
      management: [],
      statistics: [],
    },
    hosts: [
      {
        name: 'balancer-1',
        roles: ['balancer'],
        zone: 'a',
        address: '10.77.1.11',
        state: 'running',
      },
      { name: 'broker-1', roles: ['broker'], zone: 'a', address: '10.77.20.11', state: 'stopped' },
    ],
    vipHolder: ['balancer-1', 'balancer-2'],
    backends: [
      { balancer: 'balancer-1', backend: 'amqp', server: 'broker-1', state: 'DOWN' },
      { balancer: 'balancer-2', backend: 'amqp', server: 'broker-1', state: 'UP' },
    ],
    brokers: [{ name: 'broker-1', running: false, version: null, alarms: [], partitions: [] }],
    certificates: [],
    authorities: [],
    queues: { leaders: { 'broker-1': 7 }, mirrored: [] },
  },
};

test('people see the verdict, what is wrong, and tables', () => {
  expect(statusText({ ...report, warnings: report.warnings }, false)).toBe(
    `rig-warren: warren behind haproxy-keepalived on rig: down
  host broker-1 is stopped
  broker broker-1 is not running
  balancer-1: amqp/broker-1 is DOWN
  broker-2 did not say its alarms: no answer within 900 ms

ENDPOINT     URL
AMQP         amqp://127.0.0.1:20614
management   -
statistics   -
VIP is with  balancer-1, balancer-2

HOST        ROLES     ZONE  ADDRESS      STATE
balancer-1  balancer  a     10.77.1.11   running
broker-1    broker    a     10.77.20.11  stopped

BROKER    STATE        VERSION  LEADERS  ALARMS  HAS LOST
broker-1  not running  -        7        -       -

BACKEND        balancer-1  balancer-2
amqp/broker-1  DOWN        UP
`,
  );
});

test('without balancers every server is shown, and nobody misses a page or an address', () => {
  const { status } = report;
  const amqp = ['broker-1', 'broker-2'].map((host, index) => ({
    host,
    url: `amqp://127.0.0.1:2000${index}`,
  }));
  const direct = {
    ...status,
    frontEnd: 'direct',
    servers: { ...status.servers, amqp },
    hosts: status.hosts.slice(1),
    vipHolder: null,
    backends: [],
  };
  expect(statusText({ status: direct, warnings: [] }, false)).toContain(`
ENDPOINT       URL
AMQP broker-1  amqp://127.0.0.1:20000
AMQP broker-2  amqp://127.0.0.1:20001
management     -

HOST `);
});

test('colour changes no letter and no column', () => {
  const coloured = statusText(report, true);
  expect(coloured).not.toBe(statusText(report, false));
  expect(stripVTControlCharacters(coloured)).toBe(statusText(report, false));
});

test('a stack that is not up says how to bring it, and no empty tables', () => {
  const nothing = { ...report.status, hosts: [], backends: [], brokers: [] };
  expect(statusText({ status: nothing, warnings: [] }, false)).toBe(
    'rig-warren: not up; npm run up -- --stack rig-warren brings it\n',
  );
});
