import { UserError } from '../../infra/errors.ts';
import type { Channel, LiveHost } from '../../infra/operations/channel.ts';
import type { Servers, ServerStatus } from '../../infra/operations/status/model.ts';
import { defaultDeadlines, type StatusDeadlines } from '../../infra/operations/status/read.ts';
import { parseAccessPoint } from '../../infra/plan/endpoints.ts';
import { rigChannel } from '../../infra/rig-provider/containers/channel.ts';
import { readHostRecord } from '../../infra/rig-provider/host-record.ts';
import { readNetworkRecord } from '../../infra/rig-provider/network/records.ts';
import { isAlive } from '../../infra/rig-provider/process.ts';
import { type HostEntry, runtimeOf } from '../../infra/rig-provider/runtime.ts';
import { suggest } from '../../infra/suggest.ts';
import { openAwsSite } from './aws-site.ts';
import { requireStack } from './stack.ts';

/** A live environment as its target knows it. */
export interface Site {
  readonly stack: string;
  readonly target: string;
  readonly channel: Channel;
  readonly hosts: readonly LiveHost[];
  /** How users reach it; empty where nothing forwards. */
  readonly servers: Servers;
  /** For questions to its hosts, where those of a rig are too short. */
  readonly deadlines?: StatusDeadlines;
  /** Command of this machine that runs argv on the host. */
  entry(host: string, argv: readonly string[]): HostEntry;
}

/** @throws UserError when the stack is unknown. An environment that is not up has no hosts. */
export async function openSite(stack: string): Promise<Site> {
  const channel = rigChannel(stack);
  const hosts = await channel.hosts();
  // What is live on this machine needs no file: its file may have been renamed since.
  if (hosts.length === 0) {
    await requireStack(stack);
    const elsewhere = await openAwsSite(stack);
    if (elsewhere !== undefined) return elsewhere;
  }
  return {
    stack,
    target: 'rig',
    channel,
    hosts,
    servers: rigServers(stack),
    ...slowDeadlines(channel),
    entry: (host, argv) => {
      const record = readHostRecord(stack, host);
      if (record === undefined) throw unknownHost(stack, host, hosts);
      return runtimeOf(record.kind).entry(record, argv);
    },
  };
}

/** The host of that name. @throws UserError with the hosts that there are. */
export function requireHost({ stack, hosts }: Site, name: string): LiveHost {
  const host = hosts.find((each) => each.name === name);
  if (host) return host;
  throw unknownHost(stack, name, hosts);
}

function unknownHost(stack: string, name: string, hosts: readonly LiveHost[]): UserError {
  if (hosts.length === 0) return notUp(stack);
  const names = hosts.map((host) => host.name);
  const near = suggest(name, names);
  return new UserError({
    what: `stack ${stack} has no such host`,
    value: name,
    allowed: names,
    fix: near === undefined ? undefined : `did you mean ${near}?`,
  });
}

/** The environment has no host at all. */
export function notUp(stack: string): UserError {
  return new UserError({
    what: `stack ${stack} is not up: it has no hosts`,
    fix: `npm run up -- --stack ${stack}`,
  });
}

/** For hosts that are slow by their kind. */
function slowDeadlines(channel: Channel): Pick<Site, 'deadlines'> {
  const factor = channel.patience?.() ?? 1;
  if (factor === 1) return {};
  const { questionMs, totalMs } = defaultDeadlines;
  return { deadlines: { questionMs: questionMs * factor, totalMs: totalMs * factor } };
}

function rigServers(stack: string): Servers {
  const record = readNetworkRecord(stack);
  const forwards = record !== undefined && isAlive(record.forwarder) ? record.forwards : [];
  const serversOf = (endpoint: keyof Servers, path = ''): ServerStatus[] =>
    forwards.flatMap(({ name, scheme, localPort }) => {
      const point = parseAccessPoint(name);
      if (point.endpoint !== endpoint) return [];
      return [{ host: point.host ?? null, url: `${scheme}://127.0.0.1:${localPort}${path}` }];
    });
  const amqpPlain = serversOf('amqpPlain');
  const monitoring = serversOf('monitoring', '/');
  const managementPlain = serversOf('managementPlain', '/');
  return {
    amqp: serversOf('amqp'),
    management: serversOf('management', '/'),
    statistics: serversOf('statistics'),
    ...(amqpPlain.length === 0 ? {} : { amqpPlain }),
    ...(managementPlain.length === 0 ? {} : { managementPlain }),
    ...(monitoring.length === 0 ? {} : { monitoring }),
  };
}
