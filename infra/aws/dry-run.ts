/**
 * The resources that the program would register for a plan: it is run on Pulumi's mocks, in the mode of a
 * preview, in which what only a deployment knows is unknown. Needs no engine, plugin, image or account.
 */
import { setMocks } from '@pulumi/pulumi/runtime/mocks.js';
import { disconnect } from '@pulumi/pulumi/runtime/settings.js';
import type { SecretSources } from '../components/secrets.ts';
import type { EnvironmentPlan } from '../plan/model.ts';
import * as pulumi from '../pulumi.ts';
import type { RenderedHost } from '../render/model.ts';
import type { GraphResource } from './checks/graph.ts';
import { createOnAws } from './environment.ts';

/** Inputs that are known before a deployment; of lists, the length is. */
export type DryResource = Pick<GraphResource, 'type' | 'name' | 'inputs'>;

/** One at a time in a process: Pulumi's runtime is global. */
export async function dryRun(
  plan: EnvironmentPlan,
  rendered: readonly RenderedHost[],
): Promise<DryResource[]> {
  const resources: DryResource[] = [];
  await setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        if (custom !== false)
          resources.push({ type, name, inputs: inputs as DryResource['inputs'] });
        return { id: undefined, state: {} };
      },
      call: ({ token }) => {
        throw new Error(`the program asks AWS: ${token}`);
      },
    },
    'rabbitmq-ha-kit',
    plan.stack,
    true,
  );
  const environment = new pulumi.ComponentResource('kit:index:RabbitmqEnvironment', plan.stack);
  createOnAws(withImages(plan), rendered, unknownSecrets, environment);
  await disconnect();
  return resources;
}

/** Which image it is changes nothing of what is registered. */
function withImages(plan: EnvironmentPlan): EnvironmentPlan {
  if (plan.aws === undefined) return plan;
  const hosts = Object.entries(plan.aws.hosts).map(([name, host]) => [
    name,
    { ...host, image: host.image ?? 'ami-00000000' },
  ]);
  return {
    ...plan,
    aws: { ...plan.aws, hosts: Object.fromEntries(hosts) as typeof plan.aws.hosts },
  };
}

const unknownSecrets: SecretSources = {
  rotation: {},
  ownAuthority: undefined,
  given: () => pulumi.secret(''),
};
