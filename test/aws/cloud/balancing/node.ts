import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { addressAt, cidrOf } from '../../../../infra/cidr.ts';
import { must } from '../../../../infra/rig-provider/exec.ts';
import { hostNamespace, macAddress, namespacePath } from '../../../../infra/rig-provider/names.ts';
import {
  makeNamespace,
  removeNamespace,
} from '../../../../infra/rig-provider/network/namespace.ts';
import { plugIn, unplug } from '../../../../infra/rig-provider/network/router.ts';
import { doneWhen, waitFor } from '../../../../infra/wait.ts';
import { cloudFolder } from '../settings.ts';
import {
  backends,
  deregistration,
  type NodePlan,
  proxyConfig,
  registration,
  statesIn,
  type Target,
  type TargetGroup,
  type TargetState,
} from './model.ts';

/**
 * A load balancer in one zone: HAProxy of the hosts' image in a namespace of its own, with an address of
 * its subnet, and a filter made of its security groups.
 */
export class BalancerNode {
  readonly #cloud: string;
  readonly #rootfs: string;
  readonly #name: string;
  #config = '';
  #rules = '';
  #proxy: ChildProcess | undefined;
  /** What HAProxy was told of, by what it was told. */
  #registered = new Map<string, { readonly group: TargetGroup; readonly target: Target }>();

  /** @param rootfs an image that has HAProxy */
  constructor(cloud: string, rootfs: string, name: string) {
    this.#cloud = cloud;
    this.#rootfs = rootfs;
    this.#name = name;
  }

  get #namespace(): string {
    return hostNamespace(this.#cloud, this.#name);
  }

  get #socket(): string {
    return join(cloudFolder(this.#cloud), `${this.#name}.sock`);
  }

  /** Brings it to what the plan says; can be repeated. */
  async follow(plan: NodePlan): Promise<void> {
    const cidr = cidrOf(plan.place.cidr);
    await makeNamespace(this.#namespace);
    await plugIn(this.#cloud, {
      host: this.#name,
      namespace: this.#namespace,
      network: plan.place.subnet,
      address: plan.place.address,
      prefixLength: cidr.prefix,
      gateway: addressAt(cidr, 1),
      macAddress: macAddress(this.#cloud, this.#name),
    });
    if (plan.rules !== this.#rules) {
      await must([...this.#inside, 'nft', '-f', '-'], { input: plan.rules });
      this.#rules = plan.rules;
    }
    const config = proxyConfig(plan, this.#socket);
    if (config !== this.#config) await this.#startProxy(config);
    await this.#followTargets(plan);
  }

  get #inside(): string[] {
    return ['nsenter', `--net=${namespacePath(this.#namespace)}`];
  }

  /** Connections that are open stay with the process that has them. */
  async #startProxy(config: string): Promise<void> {
    const file = join(cloudFolder(this.#cloud), `${this.#name}.cfg`);
    writeFileSync(file, config, { mode: 0o600 });
    const before = this.#proxy;
    const root = this.#rootfs;
    const libraries = [`${root}/usr/lib/x86_64-linux-gnu`, `${root}/usr/lib`].join(':');
    const [nsenter = '', ...inside] = this.#inside;
    const proxy = spawn(
      nsenter,
      [
        ...inside,
        ...[`${root}/lib64/ld-linux-x86-64.so.2`, '--library-path', libraries],
        ...[`${root}/usr/sbin/haproxy`, '-db', '-f', file],
        ...(before?.pid === undefined ? [] : ['-sf', String(before.pid)]),
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    this.#proxy = proxy;
    this.#config = config;
    this.#registered = new Map();
    await waitFor(
      async () => {
        if (proxy.exitCode !== null) {
          return {
            failed: new Error(`HAProxy of ${this.#name} ended: exit ${String(proxy.exitCode)}`),
          };
        }
        const shown = await this.#ask('show info');
        return doneWhen(shown.includes(`Pid: ${proxy.pid ?? 0}\n`), 'another process answers');
      },
      { subject: `load balancer ${this.#name} to run`, deadlineMs: 10_000, intervalMs: 20 },
    );
  }

  async #followTargets({ listeners }: NodePlan): Promise<void> {
    const wanted = new Map(
      listeners.flatMap(({ group }) =>
        // Known by all that HAProxy is told of it: a changed check is a new registration.
        group.targets.map(
          (target) => [registration(group, target).join(), { group, target }] as const,
        ),
      ),
    );
    for (const [key, { group, target }] of this.#registered) {
      if (wanted.has(key)) continue;
      await this.#tell(deregistration(group, target.id));
      this.#registered.delete(key);
    }
    for (const [key, { group, target }] of wanted) {
      if (this.#registered.has(key)) continue;
      await this.#tell(registration(group, target));
      this.#registered.set(key, { group, target });
    }
  }

  /** One command after the other: HAProxy goes on where one of several in a line failed. */
  async #tell(commands: readonly string[]): Promise<void> {
    for (const command of commands) {
      await waitFor(
        async () => {
          const said = (await this.#ask(command)).trim();
          // A server goes once its last connection has.
          return doneWhen(/^(|New server registered\.|Server deleted\.)$/.test(said), said);
        },
        { subject: `HAProxy to do: ${command}`, deadlineMs: 5_000, intervalMs: 50 },
      );
    }
  }

  #ask(command: string): Promise<string> {
    const socket = connect(this.#socket);
    const answer = text(socket);
    socket.end(`${command}\n`);
    return answer;
  }

  /** How it finds the targets of a group, by instance. */
  async healthOf(group: TargetGroup): Promise<Map<string, TargetState>> {
    const states = statesIn(await this.#ask('show servers state'));
    return new Map(
      [...this.#registered.values()]
        .filter((one) => one.group.arn === group.arn)
        .map(({ target }) => [
          target.id,
          states.get(`${backends(group).healthy}/${target.id}`) ?? 'initial',
        ]),
    );
  }

  async remove(): Promise<void> {
    this.#proxy?.kill('SIGKILL');
    await unplug(this.#cloud, this.#name);
    await removeNamespace(this.#namespace);
  }
}
