/**
 * RabbitMQ in a VPC that is there already, from a Pulumi program of your own: the VPC, its subnets and
 * their route tables are named by their ids, and applications in it get to the brokers by the outputs.
 */
import * as pulumi from '@pulumi/pulumi';
import { RabbitmqEnvironment } from 'rabbitmq-ha-kit';

const config = new pulumi.Config();

/** By zone: a private subnet with a way to a Debian mirror, and its network. */
const subnets = config.requireObject<Record<string, { id: string; cidr: string }>>('subnets');
const pick = (field: 'id' | 'cidr') =>
  Object.fromEntries(Object.entries(subnets).map(([zone, subnet]) => [zone, subnet[field]]));

const mq = new RabbitmqEnvironment('mq', {
  target: 'aws',
  topology: 'quorum-cluster',
  frontEnd: 'haproxy-keepalived',
  network: {
    cidr: config.require('vpcCidr'),
    zones: Object.keys(subnets),
    subnets: pick('cidr'),
  },
  brokers: { memory: '7GiB', disk: '100GiB' },
  aws: {
    region: config.require('region'),
    images: { trixie: config.require('image') },
    vpc: {
      id: config.require('vpcId'),
      subnets: pick('id'),
      // Of every subnet whose hosts are to reach the overlay address.
      routeTables: config.requireObject<string[]>('routeTables'),
      // One VPC has one endpoint of a service with private names: yours are used.
      endpoints: 'present',
    },
    tags: { team: 'shop' },
  },
});

export const endpoints = mq.endpoints;
/** A Pulumi secret, for the applications of the same program. */
export const amqpUri = mq.amqpUri;
