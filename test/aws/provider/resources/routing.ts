import {
  AssociateRouteTableCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  DeleteRouteCommand,
  DeleteRouteTableCommand,
  DescribeRouteTablesCommand,
  DisassociateRouteTableCommand,
  ReplaceRouteCommand,
} from '@aws-sdk/client-ec2';
import type { ec2 as aws } from '@pulumi/aws';
import { z } from 'zod';
import { tagsOf } from '../../cloud/account.ts';
import { accountId } from '../../cloud/settings.ts';
import { retag, tagged } from '../ec2-tags.ts';
import { id, kindOf, must, tags, unlessMissing } from '../kind.ts';

const routeTable = kindOf<aws.RouteTableArgs>()(
  { vpcId: id('vpc'), tags },
  {
    replaces: ['vpcId'],
    create: async ({ ec2 }, { vpcId, tags: given }) => {
      const { RouteTable } = await ec2.send(
        new CreateRouteTableCommand({ VpcId: vpcId, ...tagged('route-table', given) }),
      );
      return must(RouteTable?.RouteTableId, 'RouteTableId');
    },
    read: async ({ ec2, region }, table) => {
      const asked = ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [table] }));
      const [live] = (await unlessMissing(asked))?.RouteTables ?? [];
      if (live === undefined) return undefined;
      return {
        arn: `arn:aws:ec2:${region}:${accountId}:route-table/${table}`,
        vpcId: live.VpcId,
        tags: tagsOf(live.Tags),
      };
    },
    update: (account, table, before, after) => retag(account, table, before.tags, after.tags),
    delete: ({ ec2 }, RouteTableId) => ec2.send(new DeleteRouteTableCommand({ RouteTableId })),
  },
);

const routeTableAssociation = kindOf<aws.RouteTableAssociationArgs>()(
  { subnetId: id('subnet'), routeTableId: id('rtb') },
  {
    replaces: ['subnetId', 'routeTableId'],
    create: async ({ ec2 }, { subnetId, routeTableId }) => {
      const { AssociationId } = await ec2.send(
        new AssociateRouteTableCommand({ SubnetId: subnetId, RouteTableId: routeTableId }),
      );
      return must(AssociationId, 'AssociationId');
    },
    read: async ({ ec2 }, association, { routeTableId }) => {
      const asked = ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [routeTableId] }));
      const live = (await unlessMissing(asked))?.RouteTables?.[0]?.Associations?.find(
        ({ RouteTableAssociationId }) => RouteTableAssociationId === association,
      );
      return live && { subnetId: live.SubnetId, routeTableId: live.RouteTableId };
    },
    delete: ({ ec2 }, AssociationId) =>
      ec2.send(new DisassociateRouteTableCommand({ AssociationId })),
  },
);

const targets = {
  gatewayId: id('igw').optional(),
  natGatewayId: id('nat').optional(),
  networkInterfaceId: id('eni').optional(),
};
const targetOf = (route: { [key in keyof typeof targets]?: string | undefined }) => ({
  GatewayId: route.gatewayId,
  NatGatewayId: route.natGatewayId,
  NetworkInterfaceId: route.networkInterfaceId,
});

const route = kindOf<aws.RouteArgs>()(
  { routeTableId: id('rtb'), destinationCidrBlock: z.cidrv4(), ...targets },
  {
    replaces: ['routeTableId', 'destinationCidrBlock'],
    create: async ({ ec2 }, inputs) => {
      const { routeTableId, destinationCidrBlock } = inputs;
      const where = { RouteTableId: routeTableId, DestinationCidrBlock: destinationCidrBlock };
      await ec2.send(new CreateRouteCommand({ ...where, ...targetOf(inputs) }));
      return `r-${routeTableId}-${destinationCidrBlock}`;
    },
    read: async ({ ec2 }, _id, { routeTableId, destinationCidrBlock }) => {
      const asked = ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [routeTableId] }));
      const live = (await unlessMissing(asked))?.RouteTables?.[0]?.Routes?.find(
        ({ DestinationCidrBlock }) => DestinationCidrBlock === destinationCidrBlock,
      );
      if (live === undefined) return undefined;
      const { GatewayId, NatGatewayId, NetworkInterfaceId } = live;
      return {
        gatewayId: GatewayId,
        natGatewayId: NatGatewayId,
        networkInterfaceId: NetworkInterfaceId,
      };
    },
    update: async ({ ec2 }, _id, _before, after) => {
      const { routeTableId, destinationCidrBlock } = after;
      const where = { RouteTableId: routeTableId, DestinationCidrBlock: destinationCidrBlock };
      await ec2.send(new ReplaceRouteCommand({ ...where, ...targetOf(after) }));
    },
    delete: async ({ ec2 }, _id, { routeTableId, destinationCidrBlock }) => {
      const where = { RouteTableId: routeTableId, DestinationCidrBlock: destinationCidrBlock };
      await ec2.send(new DeleteRouteCommand(where));
    },
  },
);

export const routing = {
  'aws:ec2/routeTable:RouteTable': routeTable,
  'aws:ec2/routeTableAssociation:RouteTableAssociation': routeTableAssociation,
  'aws:ec2/route:Route': route,
};
