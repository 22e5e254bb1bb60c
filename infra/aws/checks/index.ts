import type { Flow } from '../../plan/model.ts';
import { unencrypted } from './encryption.ts';
import { openToTheWorld } from './exposure.ts';
import { blockedFlows, rulesWithoutFlow } from './flows.ts';
import type { Finding, Graph } from './graph.ts';
import { openMetadata, oversizedUserData } from './instances.ts';
import { excessiveRights } from './rights.ts';
import { untagged } from './tags.ts';

/** A check of meaning over all resources of an environment; it holds where it finds nothing. */
export interface Check {
  readonly name: string;
  /** What holds. */
  readonly description: string;
  /** @param flows of the plan of the environment */
  readonly find: (graph: Graph, flows: readonly Flow[]) => Finding[];
}

export const checks: readonly Check[] = [
  {
    name: 'closed-to-the-world',
    description: 'Nothing can be reached from the internet.',
    find: openToTheWorld,
  },
  {
    name: 'encrypted',
    description: "Disks and secrets are encrypted under the environment's own key.",
    find: unencrypted,
  },
  {
    name: 'tagged',
    description: 'Everything that can carry tags says which stack it belongs to.',
    find: untagged,
  },
  {
    name: 'metadata-by-token',
    description: 'Instance metadata needs a token (IMDSv2) and goes no further than its host.',
    find: openMetadata,
  },
  {
    name: 'user-data-fits',
    description: 'User-data is compressed and not larger than EC2 takes.',
    find: oversizedUserData,
  },
  {
    name: 'least-rights',
    description: 'Roles name each action, and the resources that it is for.',
    find: excessiveRights,
  },
  {
    name: 'flows-pass',
    description: "Each flow of the environment's plan is allowed by rules at both ends.",
    find: blockedFlows,
  },
  {
    name: 'rules-have-flows',
    description: "Each rule serves a flow of the environment's plan.",
    find: rulesWithoutFlow,
  },
];
