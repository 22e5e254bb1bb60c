import type { MechanismName } from '../../infra/config/names.ts';
import { architectureOf } from '../../infra/plan/aws/instance-types.ts';

/** How hosts come to their packages. */
export const packageWays = ['nat', 'nat-per-zone', 'golden-image'] as const;
export type PackageWay = (typeof packageWays)[number];

/** What of a new stack only the target aws needs. */
export interface AwsChoice {
  readonly region: string;
  readonly instanceType: string | undefined;
  readonly packages: PackageWay;
  /** Undefined where no address moves. */
  readonly virtualAddress: MechanismName | undefined;
  readonly testRig: boolean;
}

/** The section `aws` of the config with these choices. */
export function awsSection(choice: Partial<AwsChoice>): Readonly<Record<string, unknown>> {
  const { region, instanceType, packages, virtualAddress, testRig } = choice;
  return {
    region,
    instanceTypes: instanceType === undefined ? undefined : instanceTypes(instanceType),
    ...(packages === undefined ? {} : waysOut[packages]),
    virtualAddress: virtualAddress === undefined ? undefined : { mechanism: virtualAddress },
    testRig: testRig === true ? true : undefined,
  };
}

const waysOut: Readonly<Record<PackageWay, object>> = {
  nat: { nat: 'one' },
  'nat-per-zone': { nat: 'per-zone' },
  'golden-image': { nat: 'none', goldenImage: true },
};

/** All hosts boot one image, which is for one kind of processor: that of the config's own types is arm64. */
const instanceTypes = (broker: string): object =>
  architectureOf(broker) === 'arm64'
    ? { broker }
    : { broker, balancer: 't3.small', monitor: 't3.small' };
