import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError, messageOf } from '../../errors.ts';
import type { Channel, RunOptions, RunResult } from '../../operations/channel.ts';
import { exec, tail } from '../../rig-provider/exec.ts';
import type { HostEntry } from '../../rig-provider/runtime.ts';
import type { AwsChannelDescription } from '../description.ts';
import { explainAws } from './command.ts';
import { type Instance, instancesOf } from './hosts.ts';
import { requirePrograms } from './preconditions.ts';
import { knownHostsFile, remoteCommand, sshOf } from './ssh.ts';
import { targetStatesOf } from './target-health.ts';

/** From the CLI's start to a login; AWS opens a tunnel in two to five seconds. */
const openTimeoutMs = 45_000;
/** ssh's own exit code for a connection that was not made or did not last. */
const connectionFailed = 255;
/** Nobody is there to answer a question. */
const batch = ['-o', 'BatchMode=yes'];

export interface AwsChannel extends Channel {
  /** Command of this machine that runs argv on a host that `hosts` told of. */
  entry(host: string, argv: readonly string[]): HostEntry;
}

/**
 * The way onto EC2 instances: the operator's own ssh, through a tunnel that AWS opens by the operator's
 * credentials. No port is open to the world, and what goes over it is kept in no history. One
 * connection serves every command to a host, also those of the next process.
 */
export function awsChannel(description: AwsChannelDescription): AwsChannel {
  return new SshChannel(description);
}

class SshChannel implements AwsChannel {
  readonly #description: AwsChannelDescription;
  #instances: readonly Instance[] = [];
  #look: Promise<unknown> | undefined;
  readonly #connections = new Map<string, Promise<void>>();

  constructor(description: AwsChannelDescription) {
    this.#description = description;
  }

  async hosts(): Promise<readonly Instance[]> {
    // Said before anything waits for a connection.
    if (this.#description.method !== 'none') requirePrograms(this.#description);
    this.#instances = await instancesOf(this.#description);
    return this.#instances;
  }

  async targetStates(group: string): Promise<ReadonlyMap<string, string>> {
    const [instances, states] = await Promise.all([
      this.hosts(),
      targetStatesOf(this.#description, group),
    ]);
    const named = instances.map(({ id, name }) => [name, states.get(id)] as const);
    return new Map(named.flatMap(([name, state]) => (state === undefined ? [] : [[name, state]])));
  }

  /** The first command to a host also waits for its connection, which has a deadline of its own. */
  async run(host: string, argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { input, timeoutMs = 30_000 } = options;
    const { id } = await this.#running(host);
    await this.#connect(host, id);
    const ssh = sshOf(this.#description).argv(id, batch);
    const command = [...ssh, remoteCommand(argv, timeoutMs)];
    const shown = `${argv.slice(0, 6).join(' ')} on ${host}`;
    const ended = await within(timeoutMs, shown, exec(command, { input: input ?? '', timeoutMs }));
    if (ended.code !== connectionFailed) return ended;
    // The host may be another instance by now.
    this.#forget(id);
    throw new Error(`the connection to ${host} (${id}) was lost: ${tail(ended.stderr, 500)}`);
  }

  entry(host: string, argv: readonly string[]): HostEntry {
    requirePrograms(this.#description);
    const { id } = this.#find(host) ?? missing(this.#description.stack, host, this.#instances);
    const terminal = process.stdin.isTTY && process.stdout.isTTY ? ['-t'] : [];
    makeFolderOf(this.#description.stack);
    const ssh = sshOf(this.#description).argv(id, terminal);
    return { argv: [...ssh, remoteCommand(argv)], env: process.env as Record<string, string> };
  }

  #find(host: string): Instance | undefined {
    return this.#instances.find(({ name }) => name === host);
  }

  async #running(host: string): Promise<Instance> {
    if (this.#find(host) === undefined) await this.#lookOnce();
    const instance = this.#find(host) ?? missing(this.#description.stack, host, this.#instances);
    if (instance.state === 'running') return instance;
    this.#forget(instance.id);
    throw new Error(`host ${host} (${instance.id}) does not run`);
  }

  /** One call of the API for commands that come at once. */
  async #lookOnce(): Promise<void> {
    this.#look ??= this.hosts().finally(() => {
      this.#look = undefined;
    });
    await this.#look;
  }

  #forget(id: string): void {
    this.#connections.delete(id);
    this.#instances = this.#instances.filter((instance) => instance.id !== id);
  }

  /** Commands that come at once wait for the same connection. */
  async #connect(host: string, id: string): Promise<void> {
    let connection = this.#connections.get(id);
    if (connection === undefined) {
      connection = this.#open(host, id);
      this.#connections.set(id, connection);
    }
    try {
      await connection;
    } catch (error) {
      this.#forget(id);
      throw error;
    }
  }

  async #open(host: string, id: string): Promise<void> {
    requirePrograms(this.#description);
    makeFolderOf(this.#description.stack);
    const ssh = sshOf(this.#description);
    const open = async (): Promise<RunResult> =>
      exec([...ssh.argv(id, ['-n', ...batch]), 'true'], { timeoutMs: openTimeoutMs }).catch(
        (cause: unknown) => ({ code: connectionFailed, stdout: '', stderr: messageOf(cause) }),
      );
    let opened = await open();
    // A connection of an earlier command that has just died goes without a word.
    if (opened.code !== 0 && opened.stderr === '') opened = await open();
    if (opened.code === 0) return;
    const { method } = this.#description;
    const said = `${ssh.tunnelSaid(id)}\n${opened.stderr}`.trim();
    const known = explainAws(method, said).parts;
    throw new UserError({
      ...known,
      what: `no connection to ${host} (${id}) by ${method}`,
      fix: known.fix ?? keyFix(this.#description, said) ?? consoleFix(this.#description, id),
    });
  }
}

function keyFix({ stack }: AwsChannelDescription, said: string): string | undefined {
  if (/Permission denied \(publickey/.test(said)) {
    return 'have ssh use the private half of aws.access.publicKey: ssh-add, or IdentityFile in ~/.ssh/config';
  }
  return /Host key .* has changed/.test(said)
    ? `an instance keeps its host key: find out who answers there before you remove it from ${knownHostsFile(stack)}`
    : undefined;
}

/** A host that lets nobody in yet says on its console how far its boot has come. */
const consoleFix = ({ region }: AwsChannelDescription, id: string): string =>
  `its console says how far its boot has come: aws ec2 get-console-output --latest --output text --instance-id ${id} --region ${region}`;

/** The connection's own process still holds a command's output open when the command was cut off. */
async function within<T>(timeoutMs: number, subject: string, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${subject}: not done after ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function makeFolderOf(stack: string): void {
  mkdirSync(dirname(knownHostsFile(stack)), { recursive: true, mode: 0o700 });
}

function missing(stack: string, host: string, instances: readonly Instance[]): never {
  throw new UserError({
    what: `stack ${stack} has no such host on aws`,
    value: host,
    allowed: instances.map(({ name }) => name),
    fix: `npm run status -- --stack ${stack} shows the hosts`,
  });
}
