import { describe, expect, it } from 'vitest';
import type { Channel, LiveHost } from '../../../infra/operations/channel.ts';
import { waitForBalancers } from '../../../infra/operations/service/balancers.ts';

const host = (name: string, roles: string): LiveHost => ({
  name,
  state: 'running',
  zone: 'a',
  address: '10.0.0.1',
  labels: { roles },
});

/** Two balancers, each telling one state of rabbit-a after the other; the last one stays. */
function site(told: Record<string, string[]>): Channel {
  return {
    hosts: () =>
      Promise.resolve([
        host('rabbit-a', 'broker'),
        host('balancer-1', 'balancer'),
        host('balancer-2', 'balancer'),
      ]),
    run: (name) => {
      const states = told[name];
      if (states === undefined) throw new Error(`${name} must not be asked`);
      const state = states.length > 1 ? states.shift() : states[0];
      const servers = state === undefined ? [] : [{ backend: 'amqp', server: 'rabbit-a', state }];
      return Promise.resolve({
        code: 0,
        stdout: JSON.stringify({ vip: true, servers }),
        stderr: '',
      });
    },
  };
}

describe('waiting for balancers', () => {
  it('ends when each of them counts every server as up', async () => {
    const told = { 'balancer-1': ['UP'], 'balancer-2': ['DOWN 9/11', 'DOWN 10/11', 'UP'] };
    await expect(waitForBalancers(site(told), { deadlineMs: 5_000 })).resolves.toBeUndefined();
    expect(told['balancer-2']).toEqual(['UP']);
  });

  it('gives up at its deadline with what the balancer last said', async () => {
    const told = { 'balancer-1': ['UP'], 'balancer-2': ['DOWN'] };
    await expect(waitForBalancers(site(told), { deadlineMs: 300 })).rejects.toThrow(
      /balancer-2 to count every server as up .* last seen: amqp\/rabbit-a is DOWN/,
    );
  });

  it('says why a balancer that has not booted waits', async () => {
    const why = 'boot waits: there is no parameter /mq/statistics in Systems Manager (trial)';
    const channel: Channel = {
      ...site({}),
      run: (_host, argv) =>
        Promise.resolve({ code: 127, stdout: argv[0] === 'cat' ? `${why}\n` : '', stderr: '' }),
    };
    await expect(waitForBalancers(channel, { deadlineMs: 300 })).rejects.toThrow(
      `last seen: ${why}`,
    );
  });

  it('does not take a balancer without servers for a good one', async () => {
    const told = { 'balancer-1': [], 'balancer-2': ['UP'] };
    await expect(waitForBalancers(site(told), { deadlineMs: 300 })).rejects.toThrow('no servers');
  });
});
