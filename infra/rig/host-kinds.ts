import { spawnSync } from 'node:child_process';
import { UserError } from '../errors.ts';
import type { EnvironmentPlan, HostPlan, ImageName } from '../plan/model.ts';
import { machineImage, type MachineImageName } from '../rig-provider/images/catalogue.ts';

export type HostKind = 'container' | 'machine';

/** Whether containers of this machine can use a kernel module. */
type Probe = (module: string) => boolean;

type Planned = Pick<EnvironmentPlan, 'stack' | 'rig'> & {
  readonly hosts: readonly Pick<HostPlan, 'name' | 'image' | 'kernelModules'>[];
};

/**
 * What each host of the plan is made as, by its name: a container shares this machine's kernel, so that
 * a host which needs a module that this one lacks is a machine, unless the config says otherwise.
 * @throws UserError when the config wants a container that could not do its work.
 */
export function hostKinds(
  { stack, rig, hosts }: Planned,
  isHere: Probe = kernelHas,
): ReadonlyMap<string, HostKind> {
  if (rig.hostKind === 'machine') return new Map(hosts.map(({ name }) => [name, 'machine']));
  const modules = [...new Set(hosts.flatMap(({ kernelModules }) => kernelModules))];
  const lacking = new Set(modules.filter((module) => !isHere(module)));
  const needy = hosts.filter(({ kernelModules }) => kernelModules.some((one) => lacking.has(one)));
  if (rig.hostKind === 'container' && needy.length > 0) {
    throw new UserError({
      what: `hosts of ${stack} need kernel modules that containers of this machine cannot use`,
      value: `${needy.map(({ name }) => name).join(', ')}: ${[...lacking].join(', ')}`,
      allowed: 'rig.hostKind: auto or machine',
      fix: 'leave rig.hostKind out: such hosts become virtual machines with a kernel that has them',
    });
  }
  return new Map(hosts.map((host) => [host.name, needy.includes(host) ? 'machine' : 'container']));
}

export const rigImageOf = (
  { image }: Pick<HostPlan, 'image'>,
  kind: HostKind | undefined,
): ImageName | MachineImageName => (kind === 'machine' ? machineImage(image) : image);

/** Base images that the plan's hosts boot on the rig, each once. */
export function rigImages(plan: Planned): (ImageName | MachineImageName)[] {
  const kinds = hostKinds(plan);
  return [...new Set(plan.hosts.map((host) => rigImageOf(host, kinds.get(host.name))))];
}

/** What shows that a module is at work, inside a network namespace of the trial's own. */
const trials: Readonly<Record<string, string>> = {
  // Its devices are the whole machine's, not a namespace's: hosts would take each other's.
  drbd: 'false',
  dummy: 'ip link add kit-d type dummy',
  ip_vs: 'test -e /proc/net/ip_vs',
  ipip: 'ip link add kit-t type ipip remote 192.0.2.1 local 192.0.2.2',
  sch_netem: 'ip link set lo up && tc qdisc add dev lo root netem delay 1ms',
};

/** Tries it for real where that is known how; loads it first where this kernel can. */
function kernelHas(module: string): boolean {
  const trial = trials[module] ?? 'test -e "/sys/module/$1"';
  const script = `modprobe -q -- "$1" 2> /dev/null || :\n{ ${trial}; } > /dev/null 2>&1`;
  const argv = ['--net', 'sh', '-c', script, 'trial', module];
  return spawnSync('unshare', argv, { stdio: 'ignore', timeout: 10_000 }).status === 0;
}
