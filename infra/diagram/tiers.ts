import type { EnvironmentPlan, Role, VirtualAddress } from '../plan/model.ts';
import { type Card, endName } from './cards.ts';
import { type DrawnHost, drawnHosts, isDrawn } from './drawn.ts';

/** One row of the diagram: a role's hosts, or somebody outside. */
export interface Tier {
  /** Role, or name of who is outside. */
  readonly name: string;
  readonly outside: boolean;
  readonly hosts: readonly DrawnHost[];
  /** Addresses that move between its hosts, drawn above them. */
  readonly virtualAddresses: readonly VirtualAddress[];
  /** Whether its hosts live in a network that spans zones. */
  readonly spansZones: boolean;
}

/** From the clients inwards, so that arrows lead down; roles not named here come last. */
const order: readonly Role[] = ['balancer', 'broker', 'quorum', 'monitor'];

/** Rows from top to bottom: who is outside first, then roles. */
export function tiersOf(plan: EnvironmentPlan): Tier[] {
  const drawn = drawnHosts(plan);
  const ends = plan.flows.filter(isDrawn).flatMap(({ from, to }) => [from, to]);
  const outside = new Set(ends.filter(({ kind }) => kind === 'outside').map(endName));
  const roles = new Set([
    ...order.filter((role) => drawn.some(({ roles }) => roles.includes(role))),
    ...drawn.flatMap(({ roles }) => roles),
  ]);
  const spanning = new Set(
    plan.networks.filter(({ zone }) => zone === undefined).map(({ name }) => name),
  );
  return [
    ...[...outside].map((name) => ({
      name,
      outside: true,
      hosts: [],
      virtualAddresses: [],
      spansZones: false,
    })),
    ...[...roles].map((role): Tier => {
      const hosts = drawn.filter(({ roles: [first] }) => first === role);
      return {
        name: role,
        outside: false,
        hosts,
        virtualAddresses: plan.virtualAddresses.filter(({ holders }) =>
          hosts.some(({ name }) => holders.includes(name)),
        ),
        spansZones: hosts.some(({ network }) => spanning.has(network)),
      };
    }),
  ].filter(({ outside, hosts }) => outside || hosts.length > 0);
}

/** Where a card goes: between two neighbours, beside one tier, or along the left for the rest. */
export type Place =
  | { readonly kind: 'between'; readonly upper: number }
  | { readonly kind: 'beside'; readonly tier: number }
  | { readonly kind: 'along'; readonly from: number; readonly to: number };

/** Undefined for a card whose ends are not in the picture. */
export function placeOf(card: Card, tiers: readonly Tier[]): Place | undefined {
  const from = tiers.findIndex(({ name }) => name === card.from);
  const to = tiers.findIndex(({ name }) => name === card.to);
  if (from < 0 || to < 0) return undefined;
  if (from === to) return { kind: 'beside', tier: from };
  if (Math.abs(from - to) === 1) return { kind: 'between', upper: Math.min(from, to) };
  return { kind: 'along', from, to };
}
