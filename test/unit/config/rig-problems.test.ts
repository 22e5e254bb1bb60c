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
    expect(answer(config)).toMatchInlineSnapshot();
  });

  it('differ, and need no privileges', () => {
    expect(cluster({ rig: { ports: { amqp: 5672, management: 5672 } } })).toMatchInlineSnapshot();
    expect(cluster({ rig: { ports: { amqp: 80 } } })).toMatchInlineSnapshot();
  });
});
