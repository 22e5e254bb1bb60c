import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { repositoryRoot } from '../../../infra/paths.ts';

const load = (environment: object, override?: object) =>
  loadEnvironment(environment, override, 'trial');

describe('defaults', () => {
  it('are the safe modern choice', () => {
    const config = load({ topology: 'quorum-cluster' });
    expect(config).toMatchObject({
      stack: 'trial',
      target: 'rig',
      frontEnd: 'haproxy-keepalived',
      domain: 'trial.internal',
      network: { cidr: '10.77.0.0/16', zones: ['a', 'b', 'c'], clients: [] },
      brokers: { memory: 1024, disk: 4096 },
      quorumCluster: { brokers: 3, metadataStore: 'khepri', netTicktime: 15_000 },
      haproxyKeepalived: {
        profile: 'fast',
        healthCheck: { interval: 500, fastInterval: 200, rise: 2, fall: 2, observe: true },
        timeouts: { check: 300, connect: 500, tcpUser: 2000 },
        vrrp: { version: 3, preempt: false, passwordAuthentication: false },
      },
      rabbitmq: { heartbeat: 10_000 },
    });
  });
  it.each([
    ['Team_A.prod', 'team-a-prod.internal'],
    ['--', 'stack.internal'],
    ['x'.repeat(90), `${'x'.repeat(40)}.internal`],
  ])('stack %s lives in the domain %s', (stack, domain) => {
    expect(loadEnvironment({ topology: 'warren' }, undefined, stack).domain).toBe(domain);
  });
});

describe('profiles', () => {
  it('seed is what the seeds print', () => {
    expect(
      load({ topology: 'warren', haproxyKeepalived: { profile: 'seed' } }).haproxyKeepalived,
    ).toMatchObject({
      balance: 'roundrobin',
      healthCheck: { interval: 5000, rise: 2, fall: 3, observe: false },
      maxConnections: { process: 4096, proxy: 2000 },
      timeouts: { connect: 5000, client: 120_000, server: 120_000 },
      statistics: { port: 8100, path: '/stats', refresh: 5000 },
      vrrp: {
        version: 2,
        advertInterval: 1000,
        preempt: true,
        priorities: { first: 100, second: 50 },
        passwordAuthentication: true,
        check: { interval: 5000, weight: 2 },
      },
    });
  });
  it('a stated field overrides its profile, its neighbours stay', () => {
    const { healthCheck } = load({
      topology: 'warren',
      haproxyKeepalived: { profile: 'seed', healthCheck: { interval: '1s' } },
    }).haproxyKeepalived;
    expect(healthCheck).toMatchObject({ interval: 1000, fall: 3 });
  });
});

describe('override', () => {
  it('is laid over the stack file key by key; lists are replaced', () => {
    const config = load(
      {
        topology: 'quorum-cluster',
        network: { zones: ['a', 'b', 'c', 'd'], clients: ['192.168.7.0/24'] },
        rabbitmq: { users: { administrator: 'chief' } },
      },
      { topology: 'warren', network: { zones: ['x', 'y'] } },
    );
    expect(config.topology).toBe('warren');
    expect(config.network.zones).toEqual(['x', 'y']);
    expect(config.network.clients).toEqual(['192.168.7.0/24']);
    expect(config.rabbitmq.users.administrator).toBe('chief');
  });
  it('swaps in one line whatever the other topology was given', () => {
    const file = {
      topology: 'quorum-cluster',
      quorumCluster: { brokers: 5, weights: { 'broker-5': 3 }, netTicktime: '60s' },
      warren: { failBack: { delay: '10s' } },
    };
    expect(load(file).quorumCluster.weights).toEqual({ 'broker-5': 3 });
    expect(load(file, { topology: 'warren' }).warren.failBack.delay).toBe(10_000);
  });
});

describe('stack files', () => {
  const folder = join(repositoryRoot, 'stacks');
  it.each(readdirSync(folder))('%s loads, and its comment says what it shows', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const { config } = parse(text) as { config: Record<string, unknown> };
    const stack = file.replace(/^Pulumi\.(.*)\.yaml$/, '$1');
    const loaded = loadEnvironment(config['rabbitmq-ha-kit:environment'], undefined, stack);
    expect(loaded.domain).toBe(`${stack}.internal`);
    expect(text).toMatch(/^# Shows /);
  });
});
