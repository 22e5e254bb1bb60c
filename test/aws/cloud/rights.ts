import { GetRolePolicyCommand, ListRolePoliciesCommand } from '@aws-sdk/client-iam';
import type { Account } from './account.ts';
import { ApiError, type Call } from './call.ts';
import { needsOf } from './needs.ts';
import { allows, type Statement } from './policy.ts';
import { accountId } from './settings.ts';

async function statementsOf({ iam }: Account, role: string): Promise<Statement[]> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: role }));
  const documents = await Promise.all(
    PolicyNames.map(async (name) => {
      const found = await iam.send(new GetRolePolicyCommand({ RoleName: role, PolicyName: name }));
      const text = decodeURIComponent(found.PolicyDocument ?? '{}');
      return (JSON.parse(text) as { Statement: Statement | Statement[] }).Statement;
    }),
  );
  return documents.flat();
}

/** moto lets everyone do everything: whether a role may, is judged here. @throws ApiError */
export async function requireRight(account: Account, role: string, call: Call): Promise<void> {
  const needs = await needsOf(account, call);
  if (needs.length === 0) return;
  const statements = await statementsOf(account, role);
  const lacking = needs.find((need) => !allows(statements, need));
  if (lacking === undefined) return;
  const code = call.protocol === 'json' ? 'AccessDeniedException' : 'UnauthorizedOperation';
  throw new ApiError(
    code,
    `User: arn:aws:sts::${accountId}:assumed-role/${role} is not authorized to perform: ` +
      `${lacking.action} on resource: ${lacking.resource} because no identity-based policy allows ` +
      `the ${lacking.action} action`,
    call.protocol === 'json' ? 400 : 403,
  );
}
