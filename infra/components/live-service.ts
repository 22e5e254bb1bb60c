/** What resources that work on live hosts are told of a plan, the same on every target. */
import type { EnvironmentPlan } from '../plan/model.ts';

/** In the plan's order. */
export const brokersOf = ({ hosts }: Pick<EnvironmentPlan, 'hosts'>): string[] =>
  hosts.filter(({ roles }) => roles.includes('broker')).map(({ name }) => name);

export const serviceFacts = (plan: EnvironmentPlan) => ({
  stack: plan.stack,
  topology: plan.topology,
  brokers: brokersOf(plan),
  clustered: plan.clustered || plan.oneBroker,
  ...(plan.oneBroker ? { nodes: 1 } : {}),
});

export const guardFacts = (plan: EnvironmentPlan) => ({
  stack: plan.stack,
  topology: plan.topology,
  brokers: brokersOf(plan),
  settled: plan.settled,
  transports: plan.transports,
  places: Object.fromEntries(
    plan.hosts.map(({ name, zone, address }) => [name, `${zone} ${address}`]),
  ),
  definitions: { items: plan.definitions.items, replace: plan.definitions.replace },
});
