import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
} from '@aws-sdk/client-ec2';
import type { Account } from './account.ts';
import { requireOwnAddress, takeAddresses } from './addresses.ts';
import type { LoadBalancers } from './balancing/load-balancers.ts';
import { ApiError, type Call, field, list } from './call.ts';
import { makeDisk, removeDisk, unplugDisk } from './disks.ts';
import type { Instances } from './instances.ts';
import type { Network } from './network.ts';
import { OwnResources } from './own-resources.ts';

type Step = (call: Call, answer: string) => Promise<void> | void;

/** EC2's own limit, before it is encoded. */
const userDataBytes = 16_384;

/** First three parts of the public addresses that EC2 gives out here. */
const publicNetwork = '192.0.2';

/** Calls after which the network may be another. */
const networkCalls = new Set([
  ...['CreateSubnet', 'DeleteSubnet', 'CreateRouteTable', 'DeleteRouteTable'],
  ...[
    'AssociateRouteTable',
    'DisassociateRouteTable',
    'CreateRoute',
    'ReplaceRoute',
    'DeleteRoute',
  ],
  ...['CreateNetworkInterface', 'DeleteNetworkInterface', 'ModifyNetworkInterfaceAttribute'],
  ...['AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses', 'TerminateInstances'],
  ...['AssociateAddress', 'DisassociateAddress', 'ReleaseAddress'],
]);

/** What a call does beside what moto does; and what moto does not know or gets wrong. */
export class Effects {
  readonly #cloud: string;
  readonly #account: Account;
  readonly #network: Network;
  readonly #instances: Instances;
  readonly #balancers: LoadBalancers;
  readonly #own = new OwnResources();
  #publicAddresses = 0;

  constructor(
    cloud: string,
    account: Account,
    network: Network,
    instances: Instances,
    balancers: LoadBalancers,
  ) {
    this.#cloud = cloud;
    this.#account = account;
    this.#network = network;
    this.#instances = instances;
    this.#balancers = balancers;
  }

  /** The answer to a call that moto does not know, or knows nothing about. */
  async instead(call: Call): Promise<string | undefined> {
    return (
      this.#own.answer(call) ??
      (await this.#balancers.answer(call)) ??
      (await this.#deregistered(call))
    );
  }

  /** AWS says yes where the target is none any more; moto refuses once its instance is gone. */
  async #deregistered(call: Call): Promise<string | undefined> {
    if (call.name !== 'elasticloadbalancing:DeregisterTargets') return undefined;
    const targets = Object.entries(call.parameters).flatMap(([key, id]) =>
      /^Targets\.member\.\d+\.Id$/.test(key) ? [String(id)] : [],
    );
    const held = await Promise.all(targets.map((id) => this.#isHeld(id)));
    if (held.includes(true)) return undefined;
    return (
      '<DeregisterTargetsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">' +
      '<DeregisterTargetsResult/><ResponseMetadata><RequestId>simulated</RequestId></ResponseMetadata>' +
      '</DeregisterTargetsResponse>'
    );
  }

  /** Checks and mends. @returns the body that moto is to get @throws ApiError */
  async before(call: Call): Promise<string> {
    const mended = new Map<string, string>();
    this.#balancers.before(call);
    switch (call.name) {
      case 'ec2:RunInstances':
        await this.#checkInstance(call, mended);
        break;
      case 'ec2:AuthorizeSecurityGroupIngress':
      case 'ec2:AuthorizeSecurityGroupEgress':
        mendProtocols(call, mended);
        break;
      case 'ec2:AssignPrivateIpAddresses':
        await takeAddresses(this.#account, call);
        break;
      case 'ec2:AllocateAddress':
        // moto's own choice is of the loopback network.
        mended.set('Address', `${publicNetwork}.${(this.#publicAddresses += 1)}`);
        break;
      case 'ec2:AssociateAddress':
        await requireOwnAddress(this.#account, call);
        break;
      case 'ec2:ReplaceRoute':
        await this.#requireRoute(call);
        break;
      case 'ec2:StopInstances':
        await Promise.all(
          list(call, 'InstanceId').map((id) =>
            this.#instances.stop(id, call.parameters['Force'] === 'true' ? 'forced' : 'orderly'),
          ),
        );
        break;
      case 'ec2:TerminateInstances':
        await Promise.all(list(call, 'InstanceId').map((id) => this.#instances.terminate(id)));
        break;
      case 'ec2:DetachVolume':
        await unplugDisk(this.#cloud, field(call, 'InstanceId'), field(call, 'VolumeId'));
        break;
    }
    if (mended.size === 0) return call.body;
    const form = new URLSearchParams(call.body);
    for (const [key, value] of mended) form.set(key, value);
    return form.toString();
  }

  /** Lets hosts and network follow what the API has taken in. */
  async after(call: Call, answer: string): Promise<void> {
    const step = this.#steps[call.name];
    await step?.(call, answer);
    if (call.service === 'ec2' && networkCalls.has(call.action)) await this.#network.follow();
    await this.#balancers.after(call, answer);
  }

  readonly #steps: Readonly<Record<string, Step>> = {
    'ec2:RunInstances': async (call, answer) => {
      const ids = [...answer.matchAll(/<instanceId>(i-[0-9a-f]+)</g)].map(([, id = '']) => id);
      for (const id of new Set(ids)) {
        await this.#instances.run(id, {
          userData: userDataOf(call),
          tagsInMetadata: call.parameters['MetadataOptions.InstanceMetadataTags'] === 'enabled',
          tokensRequired: call.parameters['MetadataOptions.HttpTokens'] === 'required',
        });
      }
    },
    'ec2:ImportKeyPair': (call) => {
      const key = Buffer.from(field(call, 'PublicKeyMaterial'), 'base64').toString().trim();
      this.#instances.keys.set(field(call, 'KeyName'), key);
    },
    'ec2:StartInstances': async (call) => {
      for (const id of list(call, 'InstanceId')) await this.#instances.start(id);
    },
    'ec2:CreateVolume': (call, answer) => {
      const id = /<volumeId>(vol-[0-9a-f]+)</.exec(answer)?.[1] ?? '';
      makeDisk(this.#cloud, id, Number(field(call, 'Size')));
    },
    'ec2:DeleteVolume': (call) => {
      removeDisk(this.#cloud, field(call, 'VolumeId'));
    },
    'ec2:AttachVolume': (call) =>
      this.#instances.plug(field(call, 'InstanceId'), field(call, 'VolumeId')),
  };

  /** moto leaves interfaces that outlive their instance attached to it for ever. */
  async #isHeld(instance: string | undefined): Promise<boolean> {
    if (instance === undefined) return false;
    const { Reservations: [held] = [] } = await this.#account.ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [instance] }),
    );
    return held?.Instances?.[0]?.State?.Name !== 'terminated';
  }

  async #checkInstance(call: Call, mended: Map<string, string>): Promise<void> {
    const bytes = userDataOf(call).length;
    if (bytes > userDataBytes) {
      throw new ApiError('InvalidParameterValue', `User data is limited to 16384 bytes: ${bytes}`);
    }
    const image = field(call, 'ImageId');
    const { Images: [known] = [] } = await this.#account.ec2.send(
      new DescribeImagesCommand({ Filters: [{ Name: 'image-id', Values: [image] }] }),
    );
    if (known === undefined) {
      throw new ApiError('InvalidAMIID.NotFound', `The image id '[${image}]' does not exist`);
    }
    checkMetadataTags(call);
    this.#own.requirePlacementGroup(call.parameters['Placement.GroupName']);
    const eni = field(call, 'NetworkInterface.1.NetworkInterfaceId');
    const { NetworkInterfaces: [found] = [] } = await this.#account.ec2.send(
      new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [eni] }),
    );
    if (await this.#isHeld(found?.Attachment?.InstanceId)) {
      throw new ApiError('InvalidNetworkInterface.InUse', `Interface: [${eni}] in use.`);
    }
    // moto takes the subnet of an interface for none.
    mended.set('NetworkInterface.1.SubnetId', found?.SubnetId ?? '');
  }

  async #requireRoute(call: Call): Promise<void> {
    const destination = field(call, 'DestinationCidrBlock');
    const { RouteTables: [table] = [] } = await this.#account.ec2.send(
      new DescribeRouteTablesCommand({ RouteTableIds: [field(call, 'RouteTableId')] }),
    );
    if (table?.Routes?.some((route) => route.DestinationCidrBlock === destination) !== true) {
      throw new ApiError(
        'InvalidParameterValue',
        `There is no route defined for '${destination}' in the route table.`,
      );
    }
  }
}

const userDataOf = ({ parameters }: Call): Buffer => {
  const encoded = parameters['UserData'];
  return Buffer.from(typeof encoded === 'string' ? encoded : '', 'base64');
};

/** Tags that the metadata service is to show may not have every key. */
function checkMetadataTags(call: Call): void {
  if (call.parameters['MetadataOptions.InstanceMetadataTags'] !== 'enabled') return;
  const keys = Object.entries(call.parameters)
    .filter(([name]) => /^TagSpecification\.\d+\.Tag\.\d+\.Key$/.test(name))
    .map(([, key]) => String(key));
  const bad = keys.find(
    (key) => !/^[A-Za-z0-9+\-=._,:@]+$/.test(key) || /^(\.|\.\.|_index)$/.test(key),
  );
  if (bad !== undefined) {
    throw new ApiError(
      'InvalidParameterValue',
      `'${bad}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{1,255})`,
    );
  }
}

/** A protocol without ports has none in EC2; moto stumbles over that. */
function mendProtocols(call: Call, mended: Map<string, string>): void {
  for (const [key, value] of Object.entries(call.parameters)) {
    const prefix = /^(IpPermissions\.\d+)\.IpProtocol$/.exec(key)?.[1];
    if (prefix === undefined || value === '-1') continue;
    for (const port of ['FromPort', 'ToPort']) {
      if (call.parameters[`${prefix}.${port}`] === undefined) mended.set(`${prefix}.${port}`, '-1');
    }
  }
}
