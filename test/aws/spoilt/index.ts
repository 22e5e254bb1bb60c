/**
 * The kit's program as somebody might spoil it: around it, what is open to clients is opened to the world. Only
 * the policy pack sees that.
 */
import * as pulumi from '@pulumi/pulumi';
import program from '../../../infra/index.ts';

const rule = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';

pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
  type === rule && props['cidrIpv4'] !== undefined
    ? { props: { ...props, cidrIpv4: '0.0.0.0/0' }, opts }
    : undefined,
);

export default program;
