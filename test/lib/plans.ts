import { addressOf, cidrOf, containsAddress } from '../../infra/cidr.ts';
import { loadEnvironment } from '../../infra/config/load.ts';
import type { TopologyName } from '../../infra/config/names.ts';
import { planEnvironment } from '../../infra/plan/environment.ts';
import type { EnvironmentPlan, FilePlan, Flow, HostPlan, Role } from '../../infra/plan/model.ts';

/** The plan of a stack `trial`; `rest` is more of its config. */
export const plan = (topology: TopologyName, rest: object = {}): EnvironmentPlan =>
  planEnvironment(loadEnvironment({ topology, ...rest }, undefined, 'trial'));

export const ofRole = ({ hosts }: EnvironmentPlan, role: Role): HostPlan[] =>
  hosts.filter(({ roles }) => roles.includes(role));

/** Whether the plan lets a packet from one address open this port of a role's host. */
export function allows(flows: readonly Flow[], from: string, to: string, port: number): boolean {
  const inside = (ranges: readonly string[], address: string): boolean =>
    ranges.some((range) => containsAddress(cidrOf(range), addressOf(address)));
  return flows.some(
    (flow) =>
      flow.protocol === 'tcp' &&
      flow.ports.includes(port) &&
      inside(flow.from.ranges, from) &&
      inside(flow.to.ranges, to),
  );
}

/** What a host's template is given; nothing where the host has no such file. */
export const contextOf = ({ files }: HostPlan, template: string): FilePlan['context'] =>
  files.find((file) => file.template === template)?.context ?? {};
