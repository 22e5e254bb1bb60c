import type { EnvironmentPlan, FlowEnd } from '../plan/model.ts';

/**
 * The part of a plan that a picture of RabbitMQ shows: who speaks to whom. What every host on EC2 asks
 * of AWS, and how people come to its shell, would cover it; a network without hosts is no zone.
 */
export function shownOf(plan: EnvironmentPlan): EnvironmentPlan {
  const speaks = (end: FlowEnd): boolean => end.kind === 'role' || end.name === 'clients';
  return {
    ...plan,
    networks: plan.networks.filter(({ name }) => !name.startsWith('public-')),
    flows: plan.flows.filter(({ from, to }) => speaks(from) && speaks(to)),
  };
}
