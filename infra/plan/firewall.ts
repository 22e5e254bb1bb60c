import type { FirewallContext, FirewallRule } from './contexts.ts';
import type { Flow, FlowEnd, Role } from './model.ts';
import { portRanges } from './ports.ts';

/** What a host with this role lets in and out; all else is dropped. */
export function firewallOf(role: Role, flows: readonly Flow[]): FirewallContext {
  const isRole = (end: FlowEnd): boolean => end.kind === 'role' && end.role === role;
  const rule = ({ protocol, ports, user, why }: Flow, far: FlowEnd): FirewallRule => ({
    ranges: far.ranges,
    protocol,
    ports: portRanges(ports),
    user: user ?? '',
    why,
  });
  return {
    inbound: flows.filter(({ to }) => isRole(to)).map((flow) => rule(flow, flow.from)),
    outbound: flows.filter(({ from }) => isRole(from)).map((flow) => rule(flow, flow.to)),
    directed: undefined,
    passesErrorsOn: false,
  };
}
