import { z } from 'zod';
import { attachHosts } from '../containers/cables.ts';
import { canonical } from '../../canonical-json.ts';
import { changedKeys, type ResourceHandler } from '../handler.ts';
import { hostRecords } from '../host-record.ts';
import { routerNamespace } from '../names.ts';
import { removeNamespace } from '../network/namespace.ts';
import { startForwarding, stopForwarding } from '../network/forwarding.ts';
import {
  forwardInput,
  type Forward,
  type ForwardInput,
  networkInput,
  readNetworkRecord,
  removeNetworkRecord,
  writeNetworkRecord,
} from '../network/records.ts';
import { ensureRouter, missingBridges } from '../network/router.ts';
import { isAlive } from '../process.ts';
import { removeEmptyFolders } from '../remains.ts';
import { stackName } from '../schemas.ts';
import { unknownToState } from '../volumes/use.ts';

const networkInputs = z.object({
  stack: stackName,
  networks: z.array(networkInput).min(1),
  forwards: z.array(forwardInput),
});
export type NetworkInputs = z.infer<typeof networkInputs>;

export interface NetworkState {
  readonly stack: string;
  readonly networks: NetworkInputs['networks'];
  /** With `localPort`, the port on the machine's loopback. */
  readonly forwards: readonly Forward[];
  /** Port on the machine's loopback by the forward's name. */
  readonly ports: Readonly<Record<string, number>>;
  /** What does not live as it should; empty in health. */
  readonly faults: readonly string[];
}

const asWanted = (forwards: readonly Forward[]): ForwardInput[] =>
  forwards.map(({ name, scheme, address, port, fixedPort }) => ({
    name,
    scheme,
    address,
    port,
    fixedPort,
  }));

/** What of the network is dead. */
async function faultsOf(state: NetworkState): Promise<string[]> {
  const missing = await missingBridges(state.stack, state.networks);
  const record = readNetworkRecord(state.stack);
  const forwarded = state.forwards.length === 0 || isAlive(record?.forwarder);
  return [
    ...missing.map((name) => `network ${name} is missing`),
    ...(forwarded ? [] : ['the forwarder is dead']),
  ];
}

async function build(inputs: NetworkInputs, remembered: readonly Forward[]): Promise<NetworkState> {
  const { stack, networks } = inputs;
  await ensureRouter(stack, networks);
  await attachHosts(stack);
  const record = readNetworkRecord(stack);
  const kept =
    record !== undefined &&
    isAlive(record.forwarder) &&
    canonical(asWanted(record.forwards)) === canonical(inputs.forwards);
  const forwarding = kept ? record : await startForwarding(stack, inputs.forwards, remembered);
  const { forwards, forwarder } = forwarding;
  writeNetworkRecord(stack, { networks, forwards, forwarder });
  const ports = Object.fromEntries(forwards.map(({ name, localPort }) => [name, localPort]));
  return { stack, networks, forwards, ports, faults: [] };
}

/** Networks that changed or went: their hosts hang on them, so all is made anew. */
function brokenNetworks(
  before: NetworkState['networks'],
  after: NetworkState['networks'],
): boolean {
  return before.some((old) => {
    const now = after.find((network) => network.name === old.name);
    return now === undefined || changedKeys(old, now, ['cidr', 'gateway']).length > 0;
  });
}

export const network: ResourceHandler<NetworkInputs, NetworkState> = {
  inputs: networkInputs,
  secrets: [],

  async diff(_id, state, inputs) {
    if (state.stack !== inputs.stack) return { updates: [], replaces: ['stack'] };
    if (brokenNetworks(state.networks, inputs.networks)) {
      return { updates: [], replaces: ['networks'] };
    }
    const updates = changedKeys(
      { networks: state.networks, forwards: asWanted(state.forwards) },
      { networks: inputs.networks, forwards: inputs.forwards },
      ['networks', 'forwards'],
    );
    const faults = await faultsOf(state);
    return { updates: faults.length > 0 ? [...updates, 'faults'] : updates, replaces: [] };
  },

  async create(inputs) {
    const left = readNetworkRecord(inputs.stack);
    // Left by an `up` that was cut off, unless hosts that a state knows hang on it.
    if (left !== undefined && hostRecords(inputs.stack).some(({ known }) => known)) {
      throw unknownToState(inputs.stack, 'the network');
    }
    const remembered = left?.forwards ?? [];
    return { id: inputs.stack, state: await build(inputs, remembered) };
  },

  async read(_id, state) {
    return { ...state, faults: await faultsOf(state) };
  },

  update(_id, state, inputs) {
    return build(inputs, state.forwards);
  },

  async delete(_id, state) {
    const { stack } = state;
    await stopForwarding(stack);
    await removeNamespace(routerNamespace(stack));
    removeNetworkRecord(stack);
    removeEmptyFolders(stack);
  },
};
