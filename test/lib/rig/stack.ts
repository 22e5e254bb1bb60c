import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { BalancerOutput, ServerOutput } from '../../../infra/components/endpoint-outputs.ts';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { stateDir } from '../../../infra/paths.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import { leaderOf } from '../../../infra/rig-provider/containers/container.ts';
import { runtimeFor } from '../../../infra/rig-provider/host-life.ts';
import { identify } from '../../../infra/rig-provider/process.ts';
import { doneWhen, waitFor } from '../../../infra/wait.ts';
import { type CommandResult, mustRun, runCommand, RunningCommand } from './command.ts';
import { type Status, statusShape } from './status.ts';

/** Five hosts on a busy two-core machine; an image that has to be built first takes a minute more. */
const upMs = 240_000;
const downMs = 120_000;
const lookMs = 60_000;

export interface Outputs {
  readonly endpoints: Readonly<Record<string, string>>;
  readonly servers: Readonly<Record<string, readonly ServerOutput[]>>;
  readonly amqpUri: string;
  readonly amqpUris: readonly string[];
  readonly managementUri: string;
  readonly balancer?: BalancerOutput;
  readonly statisticsUri: string;
  /** With TLS. */
  readonly caCertificate?: string;
}

/** A stack of the tests, driven by the commands that a user has. */
export class RigStack {
  readonly name: string;
  #config: Readonly<Record<string, unknown>> = {};
  readonly #patience: number;

  /**
   * @param config the stack file's `rabbitmq-ha-kit:environment`
   * @param patience times the usual limits of its commands: emulated machines take their time
   */
  constructor(name: string, config: Readonly<Record<string, unknown>>, patience = 1) {
    this.name = name;
    this.#patience = patience;
    this.configure(config);
  }

  /** What the next command finds in the stack file, as if its user had edited it. */
  configure(config: Readonly<Record<string, unknown>>): void {
    this.#config = config;
    const folder = process.env['RABBITMQ_HA_KIT_STACKS'];
    if (folder === undefined) throw new Error('RABBITMQ_HA_KIT_STACKS is not set');
    mkdirSync(folder, { recursive: true });
    const file = stringify({ config: { 'rabbitmq-ha-kit:environment': config } });
    writeFileSync(join(folder, `Pulumi.${this.name}.yaml`), file);
  }

  plan(override?: Readonly<Record<string, unknown>>): EnvironmentPlan {
    return planEnvironment(loadEnvironment(this.#config, override, this.name));
  }

  hosts(role: 'broker' | 'balancer', override?: Readonly<Record<string, unknown>>): string[] {
    const hosts = this.plan(override).hosts.filter(({ roles }) => roles.includes(role));
    return hosts.map(({ name }) => name);
  }

  addressOf(host: string, override?: Readonly<Record<string, unknown>>): string {
    const address = this.plan(override).hosts.find(({ name }) => name === host)?.address;
    if (address === undefined) throw new Error(`${this.name} has no host ${host}`);
    return address;
  }

  get virtualAddress(): string {
    return this.plan().virtualAddresses[0]?.address ?? '';
  }

  up(...options: string[]): Promise<CommandResult> {
    return mustRun(['up', '--stack', this.name, ...options], upMs * this.#patience);
  }

  tryUp(...options: string[]): Promise<CommandResult> {
    return runCommand(['up', '--stack', this.name, ...options], upMs * this.#patience);
  }

  startUp(...options: string[]): RunningCommand {
    return new RunningCommand(['up', '--stack', this.name, ...options], upMs * this.#patience);
  }

  /** @param kind options of `npm run rotate` */
  rotate(...kind: string[]): Promise<CommandResult> {
    return mustRun(['rotate', '--stack', this.name, ...kind], upMs * this.#patience);
  }

  tryRotate(...kind: string[]): Promise<CommandResult> {
    return runCommand(['rotate', '--stack', this.name, ...kind], upMs * this.#patience);
  }

  startRotate(...kind: string[]): RunningCommand {
    return new RunningCommand(['rotate', '--stack', this.name, ...kind], upMs * this.#patience);
  }

  down(): Promise<CommandResult> {
    return mustRun(['down', '--stack', this.name, '--discard-messages'], downMs * this.#patience);
  }

  startDown(): RunningCommand {
    return new RunningCommand(
      ['down', '--stack', this.name, '--discard-messages'],
      downMs * this.#patience,
    );
  }

  /**
   * @param expected exit code: 0 healthy, 3 degraded, 4 no broker runs
   * @throws when it is another, or the answer does not have the documented shape.
   */
  async status(expected: 0 | 3 | 4 = 0): Promise<Status> {
    const argv = ['status', '--stack', this.name, '--json'];
    const { code, stdout, stderr } = await runCommand(argv, lookMs * this.#patience);
    if (code !== expected) {
      throw new Error(
        `${argv.join(' ')}: exit ${String(code)}, not ${expected}: ${stderr}${stdout}`,
      );
    }
    return statusShape.parse(JSON.parse(stdout));
  }

  /** Waits until `status` finds nothing missing. @throws after the deadline with all that it said */
  untilHealthy(deadlineMs: number): Promise<true> {
    return waitFor(
      async () => {
        const argv = ['status', '--stack', this.name];
        const { code, stdout, stderr } = await runCommand(argv, lookMs * this.#patience);
        return doneWhen(code === 0, `exit ${String(code)}: ${stderr}${stdout}`);
      },
      { subject: `${this.name} to be healthy`, deadlineMs, intervalMs: 2_000 },
    );
  }

  pulumi(...argv: string[]): Promise<CommandResult> {
    return mustRun(['pulumi', '--stack', this.name, '--', ...argv], upMs * this.#patience);
  }

  async outputs(): Promise<Outputs> {
    const { stdout } = await this.pulumi('stack', 'output', '--json', '--show-secrets');
    return JSON.parse(stdout) as Outputs;
  }

  /** Process id of the live update that holds the stack's lock. */
  lockHolder(): number | undefined {
    const folder = join(stateDir, 'backend/.pulumi/locks/organization/rabbitmq-ha-kit', this.name);
    const locks = existsSync(folder) ? readdirSync(folder) : [];
    return locks.map((lock) => holderOf(join(folder, lock))).find((pid) => pid !== undefined);
  }

  /** Loopback ports of the endpoints. */
  async localPorts(): Promise<number[]> {
    const { servers } = await this.outputs();
    return Object.values(servers).flatMap((list) =>
      list.map(({ url }) => Number(new URL(url).port)),
    );
  }

  /** The stack as the default backend keeps it: what someone who gets the file can read. */
  stateFile(): string {
    const folder = join(stateDir, 'backend/.pulumi/stacks/rabbitmq-ha-kit');
    return readFileSync(join(folder, `${this.name}.json`), 'utf8');
  }

  /** Runs argv on the host as root. @throws when it fails. */
  async run(host: string, argv: readonly string[], timeoutMs = 30_000): Promise<string> {
    const at = { stack: this.name, name: host };
    const { code, stdout, stderr } = await runtimeFor(at).exec(at, argv, { timeoutMs });
    if (code === 0) return stdout;
    throw new Error(
      `${argv.join(' ')} on ${host}: exit ${code}: ${stderr.trim() || stdout.trim()}`,
    );
  }

  async api<T>(host: string, path: string): Promise<T> {
    return JSON.parse(await this.run(host, ['/usr/local/sbin/mq-api', 'GET', path])) as T;
  }

  /** PUT or POST to the management API of a broker. @throws when it is refused. */
  async change(host: string, method: 'PUT' | 'POST', path: string, body: object): Promise<void> {
    const at = { stack: this.name, name: host };
    const argv = ['/usr/local/sbin/mq-api', method, path];
    const { code, stderr } = await runtimeFor(at).exec(at, argv, { input: JSON.stringify(body) });
    if (code !== 0) throw new Error(`${method} ${path} on ${host}: ${stderr.trim()}`);
  }

  /** Process id of each host's systemd: a host that was replaced or restarted has another. */
  leaders(hosts: readonly string[]): (number | undefined)[] {
    return hosts.map((name) => leaderOf({ stack: this.name, name }));
  }
}

/** A lock may be released while it is read, and left behind by a process that was killed. */
function holderOf(lock: string): number | undefined {
  try {
    const pid = Number(/"pid":\s*(\d+)/.exec(readFileSync(lock, 'utf8'))?.[1]);
    return identify(pid)?.pid;
  } catch {
    return undefined;
  }
}
