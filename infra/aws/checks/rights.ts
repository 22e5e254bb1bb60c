import { hostTag, stackTag } from '../../channels/aws/tags.ts';
import { unscopedActions } from '../rights/documents.ts';
import { type Finding, finding, type Graph, ofType } from './graph.ts';

interface LooseStatement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly NotAction?: unknown;
  readonly NotResource?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const known: readonly string[] = [
  'aws:iam/role:Role',
  'aws:iam/rolePolicy:RolePolicy',
  'aws:iam/instanceProfile:InstanceProfile',
];

/** Hosts may do what they need, to what is theirs. */
export const excessiveRights = (graph: Graph): Finding[] => [
  ...ofType(graph, 'aws:iam/rolePolicy:RolePolicy').flatMap((policy) =>
    statementsIn(policy.inputs['policy']).flatMap((statement) =>
      faultsOf(statement).map((fault) => finding(policy, fault)),
    ),
  ),
  ...ofType(graph, 'aws:iam/role:Role').flatMap((role) =>
    statementsIn(role.inputs['assumeRolePolicy']).every(isForInstances)
      ? []
      : [finding(role, 'may be taken on by others than EC2 instances')],
  ),
  // What a policy elsewhere grants is not to be seen here, and grows without notice.
  ...graph
    .filter(({ type }) => type.startsWith('aws:iam/') && !known.includes(type))
    .map((resource) => finding(resource, 'grants rights elsewhere than in the policy of a role')),
];

function faultsOf(statement: LooseStatement): string[] {
  const [actions, resources] = [list(statement.Action), list(statement.Resource)];
  const negated = [statement.NotAction, statement.NotResource].some((each) => each !== undefined);
  const wild = actions.filter((action) => action.includes('*'));
  const scoped = actions.filter((action) => !mayBeUnscoped(action));
  const loose = resources.filter((resource) => resource.includes('*'));
  const isLoose =
    loose.length > 0 && scoped.length > 0 && !isOwnKeys(statement) && !isOwnHosts(statement);
  return [
    ...(negated ? ['allows everything but what it names'] : []),
    ...(wild.length > 0 ? [`allows ${wild.join(', ')}; each action has to be named`] : []),
    ...(isLoose ? [`allows ${scoped.join(', ')} on ${loose.join(', ')}`] : []),
  ];
}

const mayBeUnscoped = (action: string): boolean =>
  /^ec2:Describe[A-Z][A-Za-z]+$/.test(action) || unscopedActions.includes(action);

/** Keys of the user's own parameters, which the parameters stand for. */
function isOwnKeys({ Action, Resource, Condition }: LooseStatement): boolean {
  const parameters = list(Condition?.['StringEquals']?.['kms:EncryptionContext:PARAMETER_ARN']);
  return (
    list(Action).every((action) => action === 'kms:Decrypt') &&
    list(Resource).every((resource) => /^arn:[\w-]+:kms:[\w-]+:\d+:key\/\*$/.test(resource)) &&
    Condition?.['StringEquals']?.['kms:ViaService'] !== undefined &&
    parameters.length > 0 &&
    parameters.every((arn) => !arn.includes('*'))
  );
}

/** Instances of some hosts of one stack, which their tags stand for. */
function isOwnHosts({ Action, Resource, Condition }: LooseStatement): boolean {
  const { [`aws:ResourceTag/${stackTag}`]: stack, [`aws:ResourceTag/${hostTag}`]: hosts } =
    Condition?.['StringEquals'] ?? {};
  return (
    list(Action).every((action) => action === 'ec2:StopInstances') &&
    list(Resource).every((resource) => /^arn:[\w-]+:ec2:[\w-]+:\d+:instance\/\*$/.test(resource)) &&
    list(stack).length === 1 &&
    list(hosts).length > 0
  );
}

function isForInstances({ Principal }: LooseStatement): boolean {
  const entries = Object.entries(Principal ?? {});
  return (
    entries.length === 1 &&
    entries.every(([kind, who]) => kind === 'Service' && who === 'ec2.amazonaws.com')
  );
}

/** None where the document is known only after creation. */
function statementsIn(document: unknown): LooseStatement[] {
  if (typeof document !== 'string') return [];
  const { Statement = [] } = JSON.parse(document) as { Statement?: LooseStatement[] };
  return Statement;
}

const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
