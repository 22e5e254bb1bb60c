import { randomBytes } from 'node:crypto';
import { ApiError, type Call, field, list } from './call.ts';

interface Endpoint {
  readonly id: string;
  readonly subnet: string;
}

const xml = (action: string, inner: string): string =>
  `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>simulated</requestId>${inner}</${action}Response>`;

/** Kinds of resources that moto does not have: placement groups and Instance Connect endpoints. */
export class OwnResources {
  readonly #groups = new Map<string, string>();
  readonly #endpoints = new Map<string, Endpoint>();

  /** The answer to a call about one of them; undefined when it is about something else. */
  answer(call: Call): string | undefined {
    return this.#answers[call.name]?.(call);
  }

  requirePlacementGroup(name: unknown): void {
    if (typeof name !== 'string' || this.#groups.has(name)) return;
    throw new ApiError(
      'InvalidPlacementGroup.Unknown',
      `The Placement Group '${name}' is unknown.`,
    );
  }

  readonly #answers: Readonly<Record<string, (call: Call) => string>> = {
    'ec2:CreatePlacementGroup': (call) => {
      const name = field(call, 'GroupName');
      if (this.#groups.has(name)) {
        throw new ApiError('InvalidPlacementGroup.Duplicate', `'${name}' already exists.`);
      }
      this.#groups.set(name, field(call, 'Strategy'));
      return xml('CreatePlacementGroup', groupOf(name, field(call, 'Strategy'), 'placementGroup'));
    },
    'ec2:DescribePlacementGroups': (call) => {
      const wanted = [...list(call, 'GroupName'), ...list(call, 'groupName')];
      const found = [...this.#groups].filter(
        ([name]) => wanted.length === 0 || wanted.includes(name),
      );
      if (found.length === 0 && wanted.length > 0) this.requirePlacementGroup(wanted[0]);
      const items = found.map(([name, strategy]) => groupOf(name, strategy, 'item')).join('');
      return xml('DescribePlacementGroups', `<placementGroupSet>${items}</placementGroupSet>`);
    },
    'ec2:DeletePlacementGroup': (call) => {
      this.requirePlacementGroup(field(call, 'GroupName'));
      this.#groups.delete(field(call, 'GroupName'));
      return xml('DeletePlacementGroup', '<return>true</return>');
    },
    'ec2:CreateInstanceConnectEndpoint': (call) => {
      const id = `eice-${randomBytes(9).toString('hex').slice(0, 17)}`;
      const endpoint = { id, subnet: field(call, 'SubnetId') };
      this.#endpoints.set(id, endpoint);
      const told = endpointOf(endpoint, 'instanceConnectEndpoint', 'create-complete');
      return xml('CreateInstanceConnectEndpoint', told);
    },
    'ec2:DescribeInstanceConnectEndpoints': (call) => {
      const wanted = list(call, 'InstanceConnectEndpointId');
      const found = [...this.#endpoints.values()].filter(
        ({ id }) => wanted.length === 0 || wanted.includes(id),
      );
      const items = found.map((one) => endpointOf(one, 'item', 'create-complete')).join('');
      return xml(
        'DescribeInstanceConnectEndpoints',
        `<instanceConnectEndpointSet>${items}</instanceConnectEndpointSet>`,
      );
    },
    'ec2:DeleteInstanceConnectEndpoint': (call) => {
      const id = field(call, 'InstanceConnectEndpointId');
      const endpoint = this.#endpoints.get(id) ?? { id, subnet: '' };
      this.#endpoints.delete(id);
      const told = endpointOf(endpoint, 'instanceConnectEndpoint', 'delete-complete');
      return xml('DeleteInstanceConnectEndpoint', told);
    },
  };
}

const groupOf = (name: string, strategy: string, tag: string): string =>
  `<${tag}><groupName>${name}</groupName><groupId>pg-${name}</groupId>` +
  `<strategy>${strategy}</strategy><state>available</state></${tag}>`;

const endpointOf = ({ id, subnet }: Endpoint, tag: string, state: string): string =>
  `<${tag}><instanceConnectEndpointId>${id}</instanceConnectEndpointId>` +
  `<subnetId>${subnet}</subnetId><state>${state}</state></${tag}>`;
