import { loadEnvironment } from '../../../infra/config/load.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import type { EnvironmentPlan } from '../../../infra/plan/model.ts';
import { container } from '../../../infra/rig-provider/containers/container.ts';
import { AwsStack } from '../../../test/aws/stack.ts';
import type { RecordedCall } from '../../../test/aws/cloud/record.ts';
import { newLifecycle } from '../lifecycle.ts';

/** An environment with two balancers, wherever its hosts are said to be. */
export interface Environment {
  readonly plan: EnvironmentPlan;
  /** The rig stack that its hosts and its router are of. */
  readonly rigStack: string;
  up(): Promise<unknown>;
  /** Name of a host for the rig. */
  rigHost(host: string): string;
  /** Gives a host that was lost its power back. */
  restart(host: string): Promise<unknown>;
  /** Calls of the API so far; none where nothing has one. */
  calls(): readonly RecordedCall[];
}

const planOf = (name: string, environment: object): EnvironmentPlan =>
  planEnvironment(loadEnvironment(environment, undefined, name));

const topology = { topology: 'warren' } as const;

/** Where the address is announced by ARP. */
export async function rigEnvironment(
  base: string,
  name: string,
  signal: AbortSignal,
): Promise<Environment> {
  const life = await newLifecycle(base, name, signal, topology);
  return {
    plan: planOf(name, topology),
    rigStack: name,
    up: () => life.command('up'),
    rigHost: (host) => host,
    restart: () => life.command('up'),
    calls: () => [],
  };
}

/** The same topology on the simulated EC2: the address is a route in the table of every subnet. */
export function ec2Environment(name: string): Environment {
  const stack = new AwsStack(name, 'eu-central-1', {
    ...topology,
    target: 'aws',
    brokers: { memory: '4GiB', disk: '10GiB' },
    aws: { region: 'eu-central-1', goldenImage: true, nat: 'none' },
  });
  let instances: Readonly<Record<string, string>> = {};
  const rigHost = (host: string): string => instances[host] ?? host;
  return {
    get plan() {
      return stack.plan();
    },
    rigStack: stack.cloud,
    up: async () => {
      await stack.open();
      await stack.run('up');
      instances = await stack.instances();
    },
    rigHost,
    restart: (host) => stack.reboot(rigHost(host)),
    calls: () => stack.calls(),
  };
}

/** Standard output of a program on a host. @throws when it fails */
export async function execOn(
  environment: Environment,
  host: string,
  argv: readonly string[],
): Promise<string> {
  const at = { stack: environment.rigStack, name: environment.rigHost(host) };
  const { code, stdout, stderr } = await container.exec(at, argv);
  if (code === 0) return stdout;
  throw new Error(`${argv.join(' ')} on ${host}: exit ${code}: ${stderr}`);
}
