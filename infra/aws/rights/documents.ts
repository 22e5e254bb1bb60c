/** Policy documents of the hosts' roles: pure, from the ARNs of what they are about. */
import { hostTag, stackTag } from '../../channels/aws/tags.ts';
import type { Place } from '../key.ts';

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export const policyDocument = (statements: readonly Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});

/** Who may take on a host's role: instances, and nobody else. */
export const trustDocument = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'ec2.amazonaws.com' } },
  ],
} as const;

/**
 * Actions that AWS grants on `*` or not at all: the agent of Session Manager opens channels, which are
 * no resources yet.
 */
export const unscopedActions: readonly string[] = [
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
];

/** For Session Manager's agent to be reached; it starts nothing of its own. */
export const sessionStatement: Statement = {
  Sid: 'Sessions',
  Effect: 'Allow',
  Action: unscopedActions,
  Resource: ['*'],
};

export interface ReadableParameters {
  /** Under the environment's key. */
  readonly made: readonly string[];
  /** The user's own, under keys that the kit does not know. */
  readonly brought: readonly string[];
}

/**
 * Reading exactly these parameters. Of the user's own ones the key is known to their owner alone: any key
 * of the account may be used, but by Systems Manager only, and for these parameters only, which is
 * what the encryption context of a SecureString says.
 */
export function parameterStatements(
  { made, brought }: ReadableParameters,
  keyArn: string,
  { partition, region, account }: Place,
): Statement[] {
  const decrypt = (Sid: string, parameters: readonly string[], key: string): Statement[] =>
    parameters.length === 0
      ? []
      : [
          {
            Sid,
            Effect: 'Allow',
            Action: ['kms:Decrypt'],
            Resource: [key],
            Condition: {
              StringEquals: {
                'kms:EncryptionContext:PARAMETER_ARN': parameters,
                'kms:ViaService': `ssm.${region}.amazonaws.com`,
              },
            },
          },
        ];
  const all = [...made, ...brought];
  if (all.length === 0) return [];
  return [
    { Sid: 'Secrets', Effect: 'Allow', Action: ['ssm:GetParameters'], Resource: all },
    ...decrypt('Key', made, keyArn),
    ...decrypt('OwnKeys', brought, `arn:${partition}:kms:${region}:${account}:key/*`),
  ];
}

/** What a host needs to take the virtual address over, by the way in which that moves. */
export type AddressRights =
  | { readonly mechanism: 'overlay'; readonly routeTables: readonly string[] }
  | {
      readonly mechanism: 'secondary-ip';
      readonly interfaceArn: string;
      readonly movedBy: 'keepalived' | 'pacemaker';
    }
  | {
      readonly mechanism: 'elastic-ip';
      readonly addressArn: string;
      readonly interfaceArn: string;
    };

/** To move the address here, and to see where it is: AWS grants its Describe actions on everything only. */
export function addressStatements(rights: AddressRights): Statement[] {
  switch (rights.mechanism) {
    case 'overlay':
      return move(['ec2:ReplaceRoute'], rights.routeTables, 'ec2:DescribeRouteTables');
    case 'secondary-ip': {
      const assign = 'ec2:AssignPrivateIpAddresses';
      const own = [rights.interfaceArn];
      // A cluster gives the address up before another host takes it, by the packaged agent.
      return rights.movedBy === 'pacemaker'
        ? move([assign, 'ec2:UnassignPrivateIpAddresses'], own, 'ec2:DescribeInstances')
        : move([assign], own, 'ec2:DescribeNetworkInterfaces');
    }
    case 'elastic-ip':
      return move(
        ['ec2:AssociateAddress'],
        [rights.addressArn, rights.interfaceArn],
        'ec2:DescribeAddresses',
      );
  }
}

const move = (
  actions: readonly string[],
  resources: readonly string[],
  describe: string,
): Statement[] => [
  { Sid: 'MoveAddress', Effect: 'Allow', Action: actions, Resource: resources },
  { Sid: 'FindAddress', Effect: 'Allow', Action: [describe], Resource: ['*'] },
];

/**
 * To stop the instances of some hosts of the stack, and to see them. They are known by their tags: an
 * instance that takes the place of another has another id.
 */
export function fencingStatements(
  stack: string,
  hosts: readonly string[],
  { partition, region, account }: Place,
): Statement[] {
  if (hosts.length === 0) return [];
  return [
    {
      Sid: 'Fence',
      Effect: 'Allow',
      Action: ['ec2:StopInstances'],
      Resource: [`arn:${partition}:ec2:${region}:${account}:instance/*`],
      Condition: {
        StringEquals: {
          [`aws:ResourceTag/${stackTag}`]: stack,
          [`aws:ResourceTag/${hostTag}`]: hosts,
        },
      },
    },
    { Sid: 'FindHosts', Effect: 'Allow', Action: ['ec2:DescribeInstances'], Resource: ['*'] },
  ];
}
