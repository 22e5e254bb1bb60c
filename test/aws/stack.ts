import { readFileSync, writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { delimiter, join } from 'node:path';
import {
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  type Instance,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { stringify } from 'yaml';
import { loadEnvironment } from '../../infra/config/load.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import type { EnvironmentPlan } from '../../infra/plan/model.ts';
import { memberCgroup } from '../../infra/rig-provider/cgroup.ts';
import { container } from '../../infra/rig-provider/containers/container.ts';
import { hostDisks } from '../../infra/rig-provider/names.ts';
import { stopForwarding, startForwarding } from '../../infra/rig-provider/network/forwarding.ts';
import { waitFor } from '../../infra/wait.ts';
import { type CommandResult, mustRun, runCommand, RunningCommand } from '../lib/rig/command.ts';
import { type Account, accountAt, tagsOf } from './cloud/account.ts';
import { machineImages, startCloud, stopCloud } from './cloud/launch.ts';
import { cloudEnvironment } from './cloud/opened.ts';
import { type RecordedCall, recordedCalls } from './cloud/record.ts';
import { apiSocket } from './cloud/settings.ts';

const upMs = 400_000;
const hostTag = 'rabbitmq-ha-kit:host';

/** Name of the host that an instance is. */
export const hostOf = ({ Tags }: Instance): string => tagsOf(Tags)[hostTag] ?? '';

/** Options of a command that asks nothing. */
const unattended = (verb: string): string[] => [
  ...['--', verb, '--yes', '--skip-preview', '--non-interactive'],
];

interface Outputs {
  readonly amqpUri: string;
  readonly managementUri: string;
  readonly users: Readonly<Record<string, object>>;
}

/** A stack of target aws, driven by the user's commands against a simulated cloud of its own. */
export class AwsStack {
  readonly name: string;
  readonly #cloud: string;
  readonly #region: string;
  #config: Readonly<Record<string, unknown>>;

  /** @param environment as in a stack file */
  constructor(name: string, region: string, environment: Readonly<Record<string, unknown>>) {
    this.name = name;
    this.#cloud = `${name}-cloud`;
    this.#region = region;
    this.#config = environment;
  }

  /** The rig stack that its hosts are of, each by the id of its instance. */
  get cloud(): string {
    return this.#cloud;
  }

  get account(): Account {
    return accountAt(this.#region, { socket: apiSocket(this.#cloud) });
  }

  /** Leads the user's commands to this cloud, by programs in place of the real ones. */
  get #environment(): NodeJS.ProcessEnv {
    const places = ['provider', 'operator'].map((folder) => join(import.meta.dirname, folder));
    return {
      PATH: [...places, process.env['PATH']].join(delimiter),
      ...cloudEnvironment(this.#cloud, this.#region),
      AWS_ACCESS_KEY_ID: 'OPERATOR',
      AWS_SECRET_ACCESS_KEY: 'of the simulation',
    };
  }

  async open(releases: readonly ('trixie' | 'bookworm')[] = ['trixie']): Promise<void> {
    await startCloud(this.#cloud, this.#region, releases);
    this.configure({});
    const made = await this.#try(['--', 'stack', 'init', this.name], upMs);
    if (made.code === 0) return;
    // What a run before has left is of a cloud that is gone; its update may have been killed.
    await this.cancel();
    await this.#must(
      ['--', 'stack', 'rm', this.name, '--yes', '--force', '--preserve-config'],
      upMs,
    );
    await this.#must(['--', 'stack', 'init', this.name], upMs);
  }

  /** @returns what is left of it on this machine */
  close(): Promise<string[]> {
    return stopCloud(this.#cloud);
  }

  /** What the next command finds in the stack file; all is laid over what was there before. */
  configure(
    aws: Readonly<Record<string, unknown>>,
    rest: Readonly<Record<string, unknown>> = {},
  ): void {
    const given = this.#config['aws'] as Readonly<Record<string, unknown>>;
    const images = { trixie: machineImages.trixie, bookworm: machineImages.bookworm };
    this.#config = { ...this.#config, ...rest, aws: { testRig: true, images, ...given, ...aws } };
    const folder = process.env['RABBITMQ_HA_KIT_STACKS'] ?? '';
    const file = stringify({ config: { 'rabbitmq-ha-kit:environment': this.#config } });
    writeFileSync(join(folder, `Pulumi.${this.name}.yaml`), file);
  }

  plan(): EnvironmentPlan {
    return planEnvironment(loadEnvironment(this.#config, undefined, this.name));
  }

  #argv(rest: readonly string[]): string[] {
    return ['pulumi', '--stack', this.name, ...rest];
  }

  #try(rest: readonly string[], deadlineMs: number): Promise<CommandResult> {
    return runCommand(this.#argv(rest), deadlineMs, this.#environment);
  }

  #must(rest: readonly string[], deadlineMs: number): Promise<CommandResult> {
    return mustRun(this.#argv(rest), deadlineMs, this.#environment);
  }

  run(verb: 'up' | 'refresh' | 'destroy'): Promise<CommandResult> {
    return this.#must(unattended(verb), upMs);
  }

  tryUp(): Promise<CommandResult> {
    return this.#try(unattended('up'), upMs);
  }

  startUp(): RunningCommand {
    return new RunningCommand(this.#argv(unattended('up')), upMs, this.#environment);
  }

  /** @param kind options of `npm run rotate` */
  rotate(...kind: string[]): Promise<CommandResult> {
    return mustRun(['rotate', '--stack', this.name, ...kind], upMs, this.#environment);
  }

  async outputs(): Promise<Outputs> {
    const asked = ['--', 'stack', 'output', '--json', '--show-secrets'];
    const { stdout } = await this.#must(asked, 60_000);
    return JSON.parse(stdout) as Outputs;
  }

  /** The state with all that is encrypted in it in clear text. */
  async exportedState(): Promise<string> {
    return (await this.#must(['--', 'stack', 'export', '--show-secrets'], 60_000)).stdout;
  }

  cancel(): Promise<CommandResult> {
    return this.#try(['--', 'cancel', '--yes'], upMs);
  }

  calls(): RecordedCall[] {
    return recordedCalls(this.#cloud);
  }

  async running(): Promise<Instance[]> {
    const { Reservations = [] } = await this.account.ec2.send(
      new DescribeInstancesCommand({
        Filters: [{ Name: 'instance-state-name', Values: ['running'] }],
      }),
    );
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  }

  /** Ids of the instances that run, by host name. */
  async instances(): Promise<Record<string, string>> {
    const found = await this.running();
    return Object.fromEntries(found.map((one) => [hostOf(one), one.InstanceId ?? '']));
  }

  /** Volumes that outlive their hosts, by name. */
  async dataDisks(): Promise<Record<string, string>> {
    const { Volumes = [] } = await this.account.ec2.send(new DescribeVolumesCommand({}));
    const disks = Volumes.map(({ VolumeId = '', Tags }) => {
      return [tagsOf(Tags)['Name'] ?? '', VolumeId] as const;
    });
    return Object.fromEntries(disks.filter(([name]) => name.endsWith('-data')));
  }

  /** What a host has said on its console in this life, whatever of it runs. */
  consoleOf(instance: string): string {
    return readFileSync(join(hostDisks(this.#cloud, instance), 'console.log'), 'utf8');
  }

  /** Power off and on again, through the API. */
  async reboot(instance: string): Promise<void> {
    const InstanceIds = [instance];
    await this.account.ec2.send(new StopInstancesCommand({ InstanceIds, Force: true }));
    await this.account.ec2.send(new StartInstancesCommand({ InstanceIds }));
  }

  /** Stops the host's time, or lets it go on: it is not dead, and knows nothing of the pause. */
  freeze(instance: string, frozen: boolean): void {
    const group = memberCgroup(this.#cloud, instance);
    writeFileSync(join(group, 'cgroup.freeze'), frozen ? '1' : '0');
  }

  /** Whether its host runs on this machine, whatever the API says. */
  isPowered(instance: string): boolean {
    return container.state({ stack: this.#cloud, name: instance }) === 'running';
  }

  /** Runs argv on the host as root. @throws when it fails. */
  async exec(host: string, argv: readonly string[], timeoutMs = 30_000): Promise<string> {
    const name = (await this.instances())[host] ?? '';
    const at = { stack: this.#cloud, name };
    const { code, stdout, stderr } = await container.exec(at, argv, { timeoutMs });
    if (code === 0) return stdout;
    throw new Error(`${argv.join(' ')} on ${host}: exit ${code}: ${stderr.trim() || stdout}`);
  }

  get virtualAddress(): string {
    return this.plan().virtualAddresses[0]?.address ?? '';
  }

  /**
   * The application's URI as a client in the VPC has it, on a port of this machine's loopback that
   * leads into the VPC.
   * @param given an earlier one
   */
  async clientUri(given?: string): Promise<string> {
    const [uri = ''] = await this.clientUris(given);
    return uri;
  }

  /** One for each address that the name in the URI leads to. */
  async clientUris(given?: string): Promise<string[]> {
    const uri = new URL(given ?? (await this.outputs()).amqpUri);
    const addresses = isIPv4(uri.hostname) ? [uri.hostname] : await this.resolve(uri.hostname);
    const wanted = addresses.map((address, index) => ({
      ...{ name: `amqp/${index}`, scheme: 'amqp', address, port: Number(uri.port) },
    }));
    await stopForwarding(this.#cloud);
    const { forwards } = await startForwarding(this.#cloud, wanted, []);
    return forwards.map(({ localPort }) => {
      uri.host = `127.0.0.1:${localPort}`;
      return uri.href;
    });
  }

  /** Addresses of a name as hosts of the VPC get them. */
  async resolve(name: string): Promise<string[]> {
    const [host = ''] = Object.keys(await this.instances());
    const lines = (await this.exec(host, ['getent', 'ahostsv4', name])).split('\n');
    return [...new Set(lines.map((line) => line.split(' ')[0] ?? ''))].filter(Boolean).sort();
  }

  async waitForBrokers(count: number, deadlineMs: number, asked = 'broker-1'): Promise<void> {
    await waitFor(
      async () => {
        const answer = await this.exec(asked, ['/usr/local/sbin/mq-api', 'GET', '/api/nodes']);
        const running = (JSON.parse(answer) as { running: boolean }[]).filter((one) => one.running);
        return running.length === count
          ? { done: true, value: true }
          : { seen: `${running.length} brokers run` };
      },
      { subject: `${count} brokers in one cluster`, deadlineMs, intervalMs: 1000 },
    );
  }
}
