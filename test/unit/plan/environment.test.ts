import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressOf, cidrOf, containsAddress, overlaps } from '../../../infra/cidr.ts';
import { topologies } from '../../../infra/config/names.ts';
import { repositoryRoot } from '../../../infra/paths.ts';
import type { Role } from '../../../infra/plan/model.ts';
import { allows, ofRole, plan } from '../../lib/plans.ts';
import { goTogether } from '../../lib/combinations.ts';

describe.each(topologies)('%s', (topology) => {
  const environment = plan(topology);
  const brokers = ofRole(environment, 'broker');
  const balancers = ofRole(environment, 'balancer');

  it('gives every host an address of its own, inside its network and its role', () => {
    const addresses = environment.hosts.map(({ address }) => address);
    const taken = [
      ...addresses,
      ...environment.networks.map(({ gateway }) => gateway),
      ...environment.virtualAddresses.map(({ address }) => address),
    ];
    expect(new Set(taken).size).toBe(taken.length);
    for (const host of environment.hosts) {
      const network = environment.networks.find(({ name }) => name === host.network);
      expect(containsAddress(cidrOf(network?.cidr ?? ''), addressOf(host.address))).toBe(true);
    }
  });

  it('keeps roles in ranges that do not overlap', () => {
    const ranges = new Map<Role, Set<string>>();
    for (const { from, to } of environment.flows) {
      for (const end of [from, to]) {
        if (end.kind === 'role') {
          ranges.set(end.role, new Set([...(ranges.get(end.role) ?? []), ...end.ranges]));
        }
      }
    }
    for (const balancer of ranges.get('balancer') ?? []) {
      for (const broker of ranges.get('broker') ?? []) {
        expect(overlaps(cidrOf(balancer), cidrOf(broker))).toBe(false);
      }
    }
  });

  it('lets clients reach every endpoint, and no broker', () => {
    const [front] = environment.networks;
    for (const { address, port } of environment.endpoints.flatMap(({ servers }) => servers)) {
      expect(allows(environment.flows, front?.gateway ?? '', address, port)).toBe(true);
    }
    for (const broker of brokers) {
      for (const port of [4369, 5672, 15_672, 25_672]) {
        expect(allows(environment.flows, front?.gateway ?? '', broker.address, port)).toBe(false);
      }
    }
  });

  it('lets balancers reach every broker, and only its services', () => {
    for (const balancer of balancers) {
      for (const broker of brokers) {
        const open = [4369, 5672, 8100, 15_672, 25_672].filter((port) =>
          allows(environment.flows, balancer.address, broker.address, port),
        );
        expect(open).toEqual([5672, 15_672]);
        expect(allows(environment.flows, broker.address, balancer.address, 5672)).toBe(false);
      }
    }
  });

  it('lets balancers settle who holds the address', () => {
    expect(environment.flows.filter(({ protocol }) => protocol === 'vrrp')).toMatchObject([
      { from: { role: 'balancer' }, to: { role: 'balancer' } },
    ]);
    const place = { mechanism: 'announced', network: 'front' };
    expect(environment.virtualAddresses).toEqual([
      {
        ...place,
        address: '10.77.0.10',
        holders: ['balancer-1', 'balancer-2'],
        movedBy: 'keepalived',
      },
      ...(environment.oneBroker
        ? [
            {
              ...place,
              address: '10.77.0.20',
              holders: ['drbd-a', 'drbd-b'],
              movedBy: 'pacemaker',
            },
          ]
        : []),
    ]);
  });

  it('gives secrets only to the role that needs them', () => {
    const known = environment.secrets.map(({ name }) => name);
    for (const host of environment.hosts) {
      expect(known).toEqual(expect.arrayContaining([...host.secrets]));
    }
    expect(balancers.flatMap(({ secrets }) => secrets)).not.toContain('erlang-cookie');
    expect(brokers.flatMap(({ secrets }) => secrets)).not.toContain('statistics-password');
  });

  it('has every broker behind both balancers, on both services', () => {
    for (const balancer of balancers) {
      const proxy = balancer.files.find(({ template }) => template.endsWith('haproxy.cfg.hbs'));
      const servers = environment.oneBroker
        ? [{ name: 'broker', address: '10.77.0.20' }]
        : brokers.map(({ name, address }) => ({ name, address }));
      expect(proxy?.context['services']).toMatchObject([
        { name: 'amqp', servers },
        { name: 'management', servers },
      ]);
    }
  });

  it('names only templates that exist, each once a host', () => {
    for (const { files } of environment.hosts) {
      const names = files.map(({ template }) => template);
      expect(new Set(names).size).toBe(names.length);
      const missing = names.filter((name) => !existsSync(join(repositoryRoot, 'templates', name)));
      expect(missing).toEqual([]);
    }
  });
});

it('plans every file under templates/ somewhere', () => {
  const planned = new Set(
    topologies.flatMap((topology) =>
      [
        plan(topology),
        plan(topology, {
          tls: { enabled: true, betweenNodes: true },
          monitoring: { enabled: true },
        }),
        plan(topology, { target: 'aws', aws: { region: 'eu-central-1' } }),
        ...(goTogether('lvs-keepalived', topology)
          ? [
              plan(topology, {
                frontEnd: 'lvs-keepalived',
                lvsKeepalived: { mode: 'tun', check: { kind: 'script' } },
                monitoring: { enabled: true },
              }),
            ]
          : []),
      ].flatMap(({ hosts }) => hosts.flatMap(({ files }) => files.map(({ template }) => template))),
    ),
  );
  const folder = join(repositoryRoot, 'templates');
  const present = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => relative(folder, path));
  expect(present.filter((name) => !planned.has(name))).toEqual([]);
});
