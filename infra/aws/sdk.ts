/**
 * The part of `@pulumi/aws` that this target needs. Its index would load every service of AWS; these
 * modules load their classes one by one, and only when a program makes the first resource: stacks
 * of the rig never wait for them.
 */
import { createRequire } from 'node:module';
import type * as ebs from '@pulumi/aws/ebs/index.js';
import type * as ec2 from '@pulumi/aws/ec2/index.js';
import type * as ec2transitgateway from '@pulumi/aws/ec2transitgateway/index.js';
import type * as iam from '@pulumi/aws/iam/index.js';
import type * as kms from '@pulumi/aws/kms/index.js';
import type * as lb from '@pulumi/aws/lb/index.js';
import type { Provider } from '@pulumi/aws/provider.js';
import type * as route53 from '@pulumi/aws/route53/index.js';
import type * as ssm from '@pulumi/aws/ssm/index.js';
import type * as vpc from '@pulumi/aws/vpc/index.js';

interface Modules {
  readonly ebs: typeof ebs;
  readonly ec2: typeof ec2;
  readonly ec2transitgateway: typeof ec2transitgateway;
  readonly iam: typeof iam;
  readonly kms: typeof kms;
  readonly lb: typeof lb;
  readonly provider: { readonly Provider: typeof Provider };
  readonly route53: typeof route53;
  readonly ssm: typeof ssm;
  readonly vpc: typeof vpc;
}

const require = createRequire(import.meta.url);

/** `aws.ec2.Vpc` and so on; Node keeps what was loaded. */
export const aws = new Proxy({} as Modules, {
  get: (_, module: string): unknown => require(`@pulumi/aws/${module}`),
});

export type { ebs, ec2, ec2transitgateway, iam, kms, lb, route53, ssm, vpc };
