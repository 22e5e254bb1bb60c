import { setTimeout } from 'node:timers/promises';
import type { Channel, LiveHost, RunResult } from '../../../infra/operations/channel.ts';
import type { StatusReport } from '../../../infra/operations/status/model.ts';
import { readStatus } from '../../../infra/operations/status/read.ts';
import * as recorded from './recorded.ts';

type Answer = string | { readonly code: number; readonly stdout?: string; readonly stderr: string };
export const hang = Symbol('no answer ever');
interface Late {
  readonly ms: number;
  readonly stdout: string;
}
export const late = (ms: number, stdout: string): Late => ({ ms, stdout });
export type Script = Readonly<Record<string, Answer | Late | typeof hang>>;

export const brokerNames = ['broker-1', 'broker-2', 'broker-3'];
export const names = ['balancer-1', 'balancer-2', ...brokerNames];
const zones: Readonly<Record<string, string>> = {
  'balancer-2': 'b',
  'broker-2': 'b',
  'broker-3': 'c',
};
export const zoneOf = (name: string): string => zones[name] ?? 'a';
export const dead: Answer = { code: 22, stderr: recorded.refused };

/** What a healthy host answers, by the last word of the command. */
function healthy(name: string): Script {
  const role = name.startsWith('broker') ? 'broker' : 'balancer';
  return {
    'host.env': recorded.hostEnv(name, role, zoneOf(name)),
    'balancer-status': recorded.balancer(name === 'balancer-1'),
    version: recorded.version,
    'local-alarms': recorded.noAlarms,
    nodes: recorded.nodes(),
    queues: recorded.queues,
  };
}

interface Asked {
  readonly host: string;
  readonly question: string;
}

/** A fake environment: healthy but for what `different` says of a host. */
export function environment(
  different: Readonly<Record<string, Script>> = {},
  stopped: readonly string[] = [],
  labels: Readonly<Record<string, Record<string, string>>> = {},
): { channel: Channel; asked: Asked[] } {
  const asked: Asked[] = [];
  const hosts = names.map((name): LiveHost => ({
    name,
    state: stopped.includes(name) ? 'stopped' : 'running',
    zone: zoneOf(name),
    address: '10.77.0.1',
    labels: { roles: name.startsWith('broker') ? 'broker' : 'balancer', ...labels[name] },
  }));
  const run = async (host: string, argv: readonly string[]): Promise<RunResult> => {
    const question = (argv.at(-1) ?? '').replace(/\?.*/, '').split('/').at(-1) ?? '';
    asked.push({ host, question });
    const answer = { ...healthy(host), ...different[host] }[question];
    if (answer === hang) return new Promise<never>(() => undefined);
    if (answer === undefined) throw new Error(`no script for ${question}`);
    if (typeof answer === 'object' && 'ms' in answer) {
      await setTimeout(answer.ms);
      return { code: 0, stdout: answer.stdout, stderr: '' };
    }
    await Promise.resolve();
    return typeof answer === 'string'
      ? { code: 0, stdout: answer, stderr: '' }
      : { stdout: '', ...answer };
  };
  return { channel: { hosts: () => Promise.resolve(hosts), run }, asked };
}

export const endpoints = {
  amqp: 'amqp://127.0.0.1:20614',
  management: 'http://127.0.0.1:22671',
  statistics: 'http://127.0.0.1:22809',
};
export const servers = {
  amqp: [{ host: null, url: endpoints.amqp }],
  management: [{ host: null, url: endpoints.management }],
  statistics: [{ host: null, url: endpoints.statistics }],
};
export const read = ({ channel }: { channel: Channel }, totalMs = 150): Promise<StatusReport> =>
  readStatus({ stack: 'rig-quorum', target: 'rig', channel, servers }, { questionMs: 60, totalMs });
