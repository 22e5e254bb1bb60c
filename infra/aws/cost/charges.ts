import { at, type GraphResource } from '../checks/graph.ts';
import type { RateName } from './prices.ts';

/** What AWS asks for a resource as long as it is there; not what its use costs. */
export type Charge =
  | { readonly kind: 'instance'; readonly type: string }
  | {
      readonly kind: 'rate';
      readonly rate: RateName;
      /** Gigabytes, zones, pieces: what the rate is for. */
      readonly quantity: number;
      readonly of: 'root volume' | 'data volume' | 'resource';
    };

type Priced = Pick<GraphResource, 'type' | 'name' | 'inputs'>;

const piece = (rate: RateName, quantity = 1): Charge => ({
  kind: 'rate',
  rate,
  quantity,
  of: 'resource',
});

/** By type of resource: each one that AWS charges for. */
const chargeable: Readonly<Record<string, (resource: Priced) => Charge[]>> = {
  'aws:ec2/instance:Instance': (resource) => [
    { kind: 'instance', type: String(at(resource.inputs, 'instanceType')) },
    {
      kind: 'rate',
      rate: 'gp3GbMonth',
      quantity: gp3Size(
        resource,
        ['rootBlockDevice', 'volumeType'],
        'rootBlockDevice',
        'volumeSize',
      ),
      of: 'root volume',
    },
  ],
  'aws:ebs/volume:Volume': (resource) => [
    {
      kind: 'rate',
      rate: 'gp3GbMonth',
      quantity: gp3Size(resource, ['type'], 'size'),
      of: 'data volume',
    },
  ],
  'aws:ec2/natGateway:NatGateway': () => [piece('natGatewayHour')],
  'aws:ec2/eip:Eip': () => [piece('publicAddressHour')],
  'aws:ec2/vpcEndpoint:VpcEndpoint': (resource) => {
    const kind = at(resource.inputs, 'vpcEndpointType');
    if (kind !== 'Interface') throw surprise(resource, `an endpoint of type ${String(kind)}`);
    return [piece('interfaceEndpointHour', entries(resource, 'subnetIds'))];
  },
  'aws:lb/loadBalancer:LoadBalancer': (resource) => {
    const kind = at(resource.inputs, 'loadBalancerType');
    if (kind !== 'network') throw surprise(resource, `a load balancer of type ${String(kind)}`);
    return [piece('loadBalancerHour')];
  },
  'aws:kms/key:Key': () => [piece('keyMonth')],
  'aws:route53/zone:Zone': () => [piece('hostedZoneMonth')],
};

/** AWS asks nothing for these, whatever their number. */
const free: ReadonlySet<string> = new Set([
  'aws:ec2/vpc:Vpc',
  'aws:ec2/subnet:Subnet',
  'aws:ec2/internetGateway:InternetGateway',
  'aws:ec2/routeTable:RouteTable',
  'aws:ec2/route:Route',
  'aws:ec2/routeTableAssociation:RouteTableAssociation',
  'aws:ec2/securityGroup:SecurityGroup',
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule',
  'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule',
  'aws:ec2/networkInterface:NetworkInterface',
  'aws:ec2/placementGroup:PlacementGroup',
  'aws:ec2/keyPair:KeyPair',
  'aws:ec2/volumeAttachment:VolumeAttachment',
  'aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint',
  'aws:iam/role:Role',
  'aws:iam/rolePolicy:RolePolicy',
  'aws:iam/instanceProfile:InstanceProfile',
  'aws:kms/alias:Alias',
  // Of the standard tier. One of more than 4 KB, such as a long chain of certificates, moves itself to
  // the advanced one: five cents a month.
  'aws:ssm/parameter:Parameter',
  'aws:route53/record:Record',
  'aws:lb/targetGroup:TargetGroup',
  'aws:lb/targetGroupAttachment:TargetGroupAttachment',
  'aws:lb/listener:Listener',
]);

/**
 * What is charged for a resource; nothing for those of the kit's own provider, which are not of AWS.
 * @throws Error for a type of resource that nobody has looked up: an estimate never leaves one out
 */
export function chargesOf(resource: Priced): Charge[] {
  const { type } = resource;
  if (!type.startsWith('aws:') || free.has(type)) return [];
  const charges = chargeable[type];
  if (charges === undefined) throw surprise(resource, 'a type of resource without a price line');
  return charges(resource);
}

function gp3Size(
  resource: Priced,
  kindAt: readonly string[],
  ...sizeAt: readonly string[]
): number {
  const kind = at(resource.inputs, ...kindAt);
  const size = at(resource.inputs, ...sizeAt);
  if (kind !== 'gp3') throw surprise(resource, `a volume of type ${String(kind)}`);
  if (typeof size !== 'number') throw surprise(resource, 'a volume of unknown size');
  return size;
}

function entries(resource: Priced, key: string): number {
  const list = at(resource.inputs, key);
  if (!Array.isArray(list)) throw surprise(resource, `no list of ${key}`);
  return list.length;
}

const surprise = ({ type, name }: Priced, what: string): Error =>
  new Error(`${type} ${name}: ${what}; infra/aws/cost/charges.ts has to say what it costs`);
