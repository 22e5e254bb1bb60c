import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DeleteRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRolePolicyCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { Statement } from './cloud/policy.ts';
import type { AwsStack } from './stack.ts';

interface Document {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/** Name of the role of a host's instance. */
async function roleOf({ account: { ec2, iam } }: AwsStack, id: string): Promise<string> {
  const found = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const profile = found.Reservations?.[0]?.Instances?.[0]?.IamInstanceProfile?.Arn;
  const InstanceProfileName = profile?.split('/').at(-1) ?? '';
  const { InstanceProfile } = await iam.send(
    new GetInstanceProfileCommand({ InstanceProfileName }),
  );
  return InstanceProfile?.Roles?.[0]?.RoleName ?? '';
}

const without = (action: string, { Action }: Statement): boolean =>
  ![Action].flat().includes(action);

/** Takes one action out of everything that the instance's role may do. @returns what gives it back */
export async function takeRight(
  stack: AwsStack,
  id: string,
  action: string,
): Promise<() => Promise<void>> {
  const { iam } = stack.account;
  const RoleName = await roleOf(stack, id);
  const { PolicyNames: [PolicyName = ''] = [] } = await iam.send(
    new ListRolePoliciesCommand({ RoleName }),
  );
  const found = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
  const given = decodeURIComponent(found.PolicyDocument ?? '');
  const document = JSON.parse(given) as Document;
  const left = document.Statement.filter((statement) => without(action, statement));
  if (left.length === document.Statement.length) throw new Error(`no role may ${action}`);
  const put = async (PolicyDocument: string): Promise<void> => {
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  };
  await put(JSON.stringify({ ...document, Statement: left }));
  return () => put(given);
}

/** Lets the instance's role do something more. @returns what takes it away again */
export async function giveRights(
  stack: AwsStack,
  id: string,
  statements: readonly Statement[],
): Promise<() => Promise<void>> {
  const { iam } = stack.account;
  const where = { RoleName: await roleOf(stack, id), PolicyName: 'of-a-test' };
  const document: Document = { Version: '2012-10-17', Statement: statements };
  await iam.send(new PutRolePolicyCommand({ ...where, PolicyDocument: JSON.stringify(document) }));
  return async () => {
    await iam.send(new DeleteRolePolicyCommand(where));
  };
}
