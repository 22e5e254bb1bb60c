import { stackTag } from '../../channels/aws/tags.ts';
import { at, type Finding, finding, type Graph } from './graph.ts';

/** What AWS gives no tags to. */
const untaggable: readonly string[] = [
  'aws:ec2/route:Route',
  'aws:ec2/routeTableAssociation:RouteTableAssociation',
  'aws:ec2/volumeAttachment:VolumeAttachment',
  'aws:iam/rolePolicy:RolePolicy',
  'aws:kms/alias:Alias',
  'aws:lb/targetGroupAttachment:TargetGroupAttachment',
  'aws:route53/record:Record',
];

/** Everything says by tags whose it is: bills and clean-ups go by them. */
export const untagged = (graph: Graph): Finding[] =>
  graph
    .filter(({ type }) => type.startsWith('aws:') && !untaggable.includes(type))
    .filter(({ inputs }) => [stackTag, 'Name'].some((tag) => !isText(at(inputs, 'tags', tag))))
    .map((resource) => finding(resource, `lacks a tag; it needs ${stackTag} and Name`));

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
