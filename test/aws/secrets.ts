import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { stateDir } from '../../infra/paths.ts';
import { processes } from '../lib/rig/traces.ts';
import type { AwsStack } from './stack.ts';

/** Parameters that a user makes, with what they hold now, by name. */
export class ParameterBook {
  readonly values = new Map<string, string>();
  readonly #stack: AwsStack;

  constructor(stack: AwsStack) {
    this.#stack = stack;
  }

  async put(Name: string, Value: string): Promise<void> {
    const { ssm } = this.#stack.account;
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite: true }));
    this.values.set(Name, Value);
  }
}

const hostsOf = (stack: AwsStack): string[] => stack.plan().hosts.map(({ name }) => name);

/** Values that the hosts have now, by host and secret. */
export async function secretsOnHosts(stack: AwsStack): Promise<Map<string, string>> {
  // What lies beside them is no secret.
  const script =
    'cd /run/rabbitmq-ha-kit/secrets && for f in *; do [ "${f%%-*}" = late ] || echo "$f $(cat "$f")"; done';
  const told = hostsOf(stack).map(async (host) => {
    const lines = (await stack.exec(host, ['sh', '-c', script])).trim().split('\n');
    return lines.map((line): [string, string] => {
      const [name = '', value = ''] = line.split(' ');
      return [`${name} of ${host}`, value];
    });
  });
  return new Map((await Promise.all(told)).flat());
}

/** Places where a secret must not be, by name: whoever reads these need not be trusted with it. */
export async function openPlacesOnAws(stack: AwsStack): Promise<Map<string, string>> {
  const backend = join(stateDir, 'backend/.pulumi/stacks/rabbitmq-ha-kit');
  const commands = join(process.env['RABBITMQ_HA_KIT_LOGS'] ?? '', 'commands.log');
  const places = new Map([
    ['the Pulumi state', readFileSync(join(backend, `${stack.name}.json`), 'utf8')],
    ['output of the commands', readFileSync(commands, 'utf8')],
    // Hosts are containers: their processes are in this machine's list too.
    ['process list', processes().reduce((all, { text }) => `${all}\n${text}`, '')],
  ]);
  const logs = ['sh', '-c', 'journalctl --no-pager; find /var/log -type f -exec cat {} +'];
  const settings = ['sh', '-c', 'cat /etc/rabbitmq-ha-kit/* /var/lib/cloud/instance/user-data.txt'];
  for (const host of hostsOf(stack)) {
    places.set(`logs on ${host}`, await stack.exec(host, logs, 60_000));
    places.set(`settings and user-data on ${host}`, await stack.exec(host, settings));
  }
  return places;
}
