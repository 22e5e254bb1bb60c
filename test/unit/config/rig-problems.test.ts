import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { answer, cluster } from '../../lib/config-answers.ts';

describe('ports of the rig', () => {
  it('lead to what the front end offers', () => {
    const ports = { amqp: 5672, statistics: 8100 };
    const direct = { 'amqp/broker-1': 5672, 'management/broker-3': 15_672 };
    expect(
      loadEnvironment({ topology: 'warren', rig: { ports } }, undefined, 'trial').rig.ports,
    ).toEqual(ports);
    const config = { topology: 'quorum-cluster', frontEnd: 'direct', rig: { ports: direct } };
    expect(loadEnvironment(config, undefined, 'trial').rig.ports).toEqual(direct);
  });

  it('are refused where they lead nowhere', () => {
    const ports = { amqp: 5672, 'amqp/rabbit-c': 5673 };
    const config = { topology: 'warren', frontEnd: 'direct', rig: { ports } };
    expect(answer(config)).toMatchInlineSnapshot(`
      "the config of stack trial has 2 problems
        rig.ports.amqp is a port for what front end direct does not offer
          given:   5672
          allowed: amqp/rabbit-a, amqp/rabbit-b, management/rabbit-a, management/rabbit-b
          fix:     remove the line
        rig.ports.amqp/rabbit-c is a port for what front end direct does not offer
          given:   5673
          allowed: amqp/rabbit-a, amqp/rabbit-b, management/rabbit-a, management/rabbit-b
          fix:     did you mean amqp/rabbit-a? Else remove the line"
    `);
  });

  it('differ, and need no privileges', () => {
    expect(cluster({ rig: { ports: { amqp: 5672, management: 5672 } } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        rig.ports.management is the port of amqp
          given:   5672
          allowed: another port for each
          fix:     change one of the two"
    `);
    expect(cluster({ rig: { ports: { amqp: 80 } } })).toMatchInlineSnapshot(`
      "the config of stack trial has one problem
        rig.ports.amqp is too small
          given:   80
          allowed: at least 1024
          fix:     change rig.ports.amqp in the stack file"
    `);
  });
});
