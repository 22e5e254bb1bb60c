import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, cidrOf, containsAddress, sizeOf } from '../../../../infra/cidr.ts';
import { digest } from '../../../../infra/rig-provider/names.ts';
import type { Account } from '../account.ts';
import { ApiError, type Call, field } from '../call.ts';
import type { Network } from '../network.ts';
import type { CloudSettings } from '../settings.ts';
import { type Balancer, nodesOf, type TargetGroup, type TargetState } from './model.ts';
import { BalancerNode } from './node.ts';
import { readBalancers } from './state.ts';

/** The first four addresses of a subnet are EC2's own, and so is the last. */
const firstFree = 4;

/** Network Load Balancers: what the API says of them, carried by a process in each of their zones. */
export class LoadBalancers {
  readonly #settings: CloudSettings;
  readonly #account: Account;
  readonly #network: Network;
  readonly #nodes = new Map<string, BalancerNode>();
  readonly #places = new Map<string, Record<string, string>>();
  #balancers: readonly Balancer[] = [];
  #work: Promise<void> = Promise.resolve();

  constructor(settings: CloudSettings, account: Account, network: Network) {
    this.#settings = settings;
    this.#account = account;
    this.#network = network;
  }

  /** @throws ApiError for what EC2 refuses and moto takes */
  before(call: Call): void {
    if (call.name === 'elasticloadbalancing:CreateLoadBalancer') {
      for (const [subnet, address] of Object.entries(mappingsOf(call)))
        this.#require(subnet, address);
    }
    if (call.name === 'elasticloadbalancing:ModifyTargetGroupAttributes') requireAttributes(call);
  }

  #require(subnet: string, address: string): void {
    const { subnets } = this.#network.fabric;
    const cidr = cidrOf(subnets.find(({ id }) => id === subnet)?.cidr ?? '0.0.0.0/32');
    const place = addressOf(address) - cidr.base;
    const isFree =
      containsAddress(cidr, addressOf(address)) && this.#holderOf(address) === undefined;
    if (isFree && place >= firstFree && place < sizeOf(cidr) - 1) return;
    throw new ApiError('InvalidConfigurationRequest', `${address} cannot be had in ${subnet}`);
  }

  #holderOf(address: string): string | undefined {
    const own = [...this.#places].find(([, by]) => Object.values(by).includes(address));
    return this.#network.interfaceAt(address)?.id ?? own?.[0];
  }

  async after(call: Call, answer: string): Promise<void> {
    if (call.name === 'elasticloadbalancing:CreateLoadBalancer') {
      const arn = /<LoadBalancerArn>([^<]+)</.exec(answer)?.[1] ?? '';
      this.#places.set(arn, mappingsOf(call));
    }
    if (call.name === 'elasticloadbalancing:DeleteLoadBalancer') {
      this.#places.delete(field(call, 'LoadBalancerArn'));
    }
    if (/^elasticloadbalancing:(?!Describe)|^ec2:.*SecurityGroup/.test(call.name)) {
      await this.#follow();
    }
  }

  #follow(): Promise<void> {
    this.#work = this.#work.catch(() => undefined).then(() => this.#apply());
    return this.#work;
  }

  async #apply(): Promise<void> {
    this.#balancers = await readBalancers(this.#account, this.#network.fabric, this.#places);
    const plans = this.#balancers.flatMap(nodesOf);
    const wanted = new Map(plans.map((plan) => [nodeName(plan.balancer, plan.place.subnet), plan]));
    for (const [name, node] of this.#nodes) {
      if (wanted.has(name)) continue;
      await node.remove();
      this.#nodes.delete(name);
    }
    for (const [name, plan] of wanted) {
      const node = this.#nodes.get(name) ?? this.#makeNode(name);
      this.#nodes.set(name, node);
      await node.follow(plan);
    }
  }

  #makeNode(name: string): BalancerNode {
    const roots = Object.values(this.#settings.images).map(({ rootfs }) => rootfs);
    const root = roots.find((each) => existsSync(join(each, 'usr/sbin/haproxy')));
    if (root === undefined) throw new Error('no machine image of the cloud has HAProxy');
    return new BalancerNode(this.#settings.cloud, root, name);
  }

  /** Addresses of a load balancer by its DNS name: those that have somewhere to lead to, or all. */
  async addressesOf(name: string): Promise<string[] | undefined> {
    const balancer = this.#balancers.find(({ dnsName }) => dnsName.toLowerCase() === name);
    if (balancer === undefined) return undefined;
    const places = await Promise.all(
      balancer.places.map(async (place) => {
        const node = this.#nodes.get(nodeName(balancer.arn, place.subnet));
        const found = await Promise.all(
          balancer.listeners.map(async ({ group }) => [...((await node?.healthOf(group)) ?? [])]),
        );
        return { place, leads: found.flat().some(([, state]) => state === 'healthy') };
      }),
    );
    const leading = places.filter(({ leads }) => leads);
    return (leading.length > 0 ? leading : places).map(({ place }) => place.address);
  }

  /** moto finds every target healthy; here the load balancers themselves have looked. */
  async answer(call: Call): Promise<string | undefined> {
    if (call.name !== 'elasticloadbalancing:DescribeTargetHealth') return undefined;
    const arn = field(call, 'TargetGroupArn');
    const used = this.#balancers.flatMap((balancer) =>
      balancer.listeners
        .filter(({ group }) => group.arn === arn)
        .map(({ group }) => ({ balancer, group })),
    );
    const [first] = used;
    // One that no listener leads to is not looked at: moto knows who is in it.
    if (first === undefined) return undefined;
    const looks = await Promise.all(
      used.flatMap(({ balancer, group }) =>
        balancer.places.map(async ({ subnet }) =>
          this.#nodes.get(nodeName(balancer.arn, subnet))?.healthOf(group),
        ),
      ),
    );
    return healthAnswer(
      first.group,
      looks.flatMap((look) => [...(look ?? [])]),
    );
  }
}

const nodeName = (balancer: string, subnet: string): string =>
  `nlb-${digest(balancer, subnet).slice(0, 8)}`;

/** Healthy where all find it so. */
function healthAnswer(
  group: TargetGroup,
  looks: readonly (readonly [string, TargetState])[],
): string {
  const members = group.targets.map(({ id, port }) => {
    const states = looks.filter(([target]) => target === id).map(([, state]) => state);
    const state =
      (['unhealthy', 'initial'] as const).find((one) => states.includes(one)) ?? 'healthy';
    const reasons = {
      initial: '<Reason>Elb.InitialHealthChecking</Reason>',
      unhealthy: '<Reason>Target.FailedHealthChecks</Reason>',
      healthy: '',
    };
    return (
      `<member><Target><Id>${id}</Id><Port>${port}</Port></Target>` +
      `<HealthCheckPort>${group.check.port}</HealthCheckPort>` +
      `<TargetHealth><State>${state}</State>${reasons[state]}</TargetHealth></member>`
    );
  });
  return (
    '<DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">' +
    `<DescribeTargetHealthResult><TargetHealthDescriptions>${members.join('')}</TargetHealthDescriptions>` +
    '</DescribeTargetHealthResult><ResponseMetadata><RequestId>simulated</RequestId></ResponseMetadata>' +
    '</DescribeTargetHealthResponse>'
  );
}

/** Addresses by subnet. */
function mappingsOf(call: Call): Record<string, string> {
  const numbers = Object.keys(call.parameters).flatMap(
    (key) => /^SubnetMappings\.member\.(\d+)\.SubnetId$/.exec(key)?.[1] ?? [],
  );
  return Object.fromEntries(
    numbers.map((number) => [
      field(call, `SubnetMappings.member.${number}.SubnetId`),
      field(call, `SubnetMappings.member.${number}.PrivateIPv4Address`),
    ]),
  );
}

/** Attributes that have one value here: what the kit asks for. Another one must be taught first. */
const attributes: Readonly<Record<string, string>> = {
  // To keep clients' addresses the network would have to lead answers back.
  'preserve_client_ip.enabled': 'false',
  'deregistration_delay.timeout_seconds': '0',
  'deregistration_delay.connection_termination.enabled': 'true',
};

function requireAttributes(call: Call): void {
  for (const [key, value] of Object.entries(call.parameters)) {
    const wanted = attributes[String(value)];
    if (!key.endsWith('.Key') || wanted === undefined) continue;
    const found = field(call, key.replace(/Key$/, 'Value'));
    if (found === wanted) continue;
    throw new ApiError(
      'InvalidConfigurationRequest',
      `the simulation knows ${String(value)} only as ${wanted}, not as ${found}`,
    );
  }
}
