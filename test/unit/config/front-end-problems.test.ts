import { describe, expect, it } from 'vitest';
import { answer, balancing } from '../../lib/config-answers.ts';

describe('front end', () => {
  it('keeps idle AMQP connections', () => {
    const rest = { timeouts: { client: '15s', server: '15s' } };
    expect(balancing(rest)).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        haproxyKeepalived.timeouts.client would cut idle AMQP connections between two heartbeats
          given:   15s
          allowed: at least twice rabbitmq.heartbeat: 20s
          fix:     raise the timeout or shorten the heartbeat
        haproxyKeepalived.timeouts.server would cut idle AMQP connections between two heartbeats
          given:   15s
          allowed: at least twice rabbitmq.heartbeat: 20s
          fix:     raise the timeout or shorten the heartbeat"
    `);
  });
  it('checks within its interval', () => {
    expect(balancing({ timeouts: { check: '2s' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.timeouts.check is longer than the interval, so that a silent broker delays its own next check
          given:   2s
          allowed: at most haproxyKeepalived.healthCheck.interval: 500ms
          fix:     shorten the timeout or lengthen the interval"
    `);
  });
  it('gives an external check time within its interval', () => {
    const external = { healthCheck: { timeout: '3s' } };
    expect(answer({ topology: 'warren', frontEnd: 'external', external })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        external.healthCheck.timeout is longer than the interval, so that checks would overlap
          given:   3s
          allowed: at most external.healthCheck.interval: 2s
          fix:     shorten the timeout or lengthen the interval"
    `);
  });
  it('checks faster, not slower, when in doubt', () => {
    expect(balancing({ healthCheck: { fastInterval: '1s' } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.healthCheck.fastInterval is slower than the normal interval
          given:   1s
          allowed: at most haproxyKeepalived.healthCheck.interval: 500ms
          fix:     shorten it or lengthen the interval"
    `);
  });
  it('limits a proxy below the process', () => {
    expect(balancing({ maxConnections: { process: 100 } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.maxConnections.proxy is more than the whole process takes
          given:   8000
          allowed: at most haproxyKeepalived.maxConnections.process: 100
          fix:     lower it or raise the limit of the process"
    `);
  });
  it('has the statistics page on a port of its own', () => {
    expect(balancing({ statistics: { port: 5672 } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.statistics.port is the port of a balanced service
          given:   5672
          allowed: any port but 5671, 5672, 15671, 15672
          fix:     choose another port, e.g. 8100"
    `);
  });
  it('keeps to what VRRP version 2 can say', () => {
    expect(balancing({ profile: 'seed', vrrp: { advertInterval: '250ms' } }))
      .toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.vrrp.advertInterval is no whole number of seconds, which is all that VRRP version 2 carries
          given:   250ms
          allowed: whole seconds with version 2
          fix:     round it to seconds, or set vrrp.version: 3"
    `);
  });
  it('keeps to what VRRP version 3 can say', () => {
    const vrrp = { advertInterval: '255ms', passwordAuthentication: true };
    expect(balancing({ vrrp })).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        haproxyKeepalived.vrrp.advertInterval is finer than VRRP version 3 carries
          given:   255ms
          allowed: multiples of 10ms with version 3
          fix:     round it to 10ms
        haproxyKeepalived.vrrp.passwordAuthentication does not exist in VRRP version 3
          given:   true
          allowed: false with version 3
          fix:     set it to false, or set vrrp.version: 2"
    `);
  });
  it('prefers one balancer', () => {
    expect(balancing({ vrrp: { priorities: { first: 90 } } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.vrrp.priorities.first is not above the second, so that two balancers could claim the address at once
          given:   90
          allowed: more than vrrp.priorities.second: 90
          fix:     raise the first or lower the second"
    `);
  });
  it('tracks HAProxy within its interval', () => {
    expect(balancing({ vrrp: { check: { timeout: '2s' } } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.vrrp.check.timeout is longer than the interval, so that checks would overlap
          given:   2s
          allowed: at most vrrp.check.interval: 300ms
          fix:     shorten the timeout or lengthen the interval"
    `);
  });
  it('has profiles', () => {
    expect(balancing({ profile: 'sed' })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        haproxyKeepalived.profile is not a known value
          given:   "sed"
          allowed: fast, seed
          fix:     did you mean seed?"
    `);
  });
});
