import { canonical } from '../../canonical-json.ts';
import type { Channel } from '../channel.ts';
import { brokerApi } from '../rabbitmq-api.ts';

/** What `/api/definitions` exports; only what is looked at is typed, the rest is carried as it is. */
export interface Definitions {
  readonly vhosts?: readonly Definition[];
  readonly queues?: readonly Definition[];
  readonly policies?: readonly Definition[];
  readonly parameters?: readonly (Definition & { readonly component: string })[];
  readonly global_parameters?: readonly Definition[];
  readonly [section: string]: unknown;
}

interface Definition {
  readonly name: string;
  readonly vhost?: string;
  readonly [field: string]: unknown;
}

export interface Carried {
  readonly definitions: Definitions;
  /** One line for each thing that stays behind, with the reason. */
  readonly leftBehind: readonly string[];
}

/** Global parameters that are about the cluster itself and must not move to another one. */
const identity = new Set([
  'cluster_name',
  'internal_cluster_id',
  'cluster_tags',
  'imported_definition_hash_value',
]);

/** Exports from a live broker everything that makes up its definitions, password hashes included. */
export async function exportDefinitions(channel: Channel, host: string): Promise<Definitions> {
  const api = brokerApi(channel, host);
  const exported = await api.get<Definitions>('/api/definitions', { timeoutMs: 60_000 });
  const { vhosts = [] } = exported;
  if (vhosts.every((vhost) => vhost['metadata'] !== undefined)) return exported;
  // RabbitMQ 3.10 leaves their descriptions and tags out of its export.
  const described = await api.get<Definition[]>('/api/vhosts?columns=name,description,tags');
  return {
    ...exported,
    vhosts: vhosts.map((vhost) => ({
      ...described.find(({ name }) => name === vhost.name),
      ...vhost,
    })),
  };
}

export async function importDefinitions(
  channel: Channel,
  host: string,
  definitions: Definitions,
): Promise<void> {
  const { topic_permissions: topics, ...everything } = definitions;
  // RabbitMQ takes topic permissions before exchanges, and with Khepri up to 4.1 an exchange that
  // one named before can never be made (rabbitmq-server #14407).
  const documents = [everything, ...(topics === undefined ? [] : [{ topic_permissions: topics }])];
  for (const document of documents) {
    await brokerApi(channel, host).post('/api/definitions', document, { timeoutMs: 120_000 });
  }
}

/** What makes an entry of a section the same as another one; a binding is all of its parts. */
const identities: Readonly<Record<string, readonly string[]>> = {
  users: ['name'],
  vhosts: ['name'],
  permissions: ['vhost', 'user'],
  topic_permissions: ['vhost', 'user', 'exchange'],
  policies: ['vhost', 'name'],
  parameters: ['vhost', 'component', 'name'],
  global_parameters: ['name'],
  queues: ['vhost', 'name'],
  exchanges: ['vhost', 'name'],
};

/** What of an export another broker does not have, whatever it has instead. Pure. */
export function lackingIn(there: Definitions, exported: Definitions): Definitions {
  const sections = Object.entries(exported).map(([section, entries]) => {
    if (!Array.isArray(entries)) return [section, entries] as const;
    const identity = (entry: unknown): string => {
      const fields = entry as Readonly<Record<string, unknown>>;
      return canonical(identities[section]?.map((key) => fields[key]) ?? fields);
    };
    const known = new Set(((there[section] ?? []) as readonly unknown[]).map(identity));
    return [section, entries.filter((entry) => !known.has(identity(entry)))] as const;
  });
  return Object.fromEntries(sections);
}

/** What goes over to other brokers, and what cannot. Pure. */
export function carryDefinitions(exported: Definitions): Carried {
  const leftBehind: string[] = [];
  // Links name brokers and credentials of the environment they were made in.
  const parameters = exported.parameters?.filter(({ component, name }) => {
    const link = component === 'shovel' || component.startsWith('federation');
    if (link) leftBehind.push(`${component} ${name}: links to other brokers are made anew by hand`);
    return !link;
  });
  const global = exported.global_parameters?.filter(({ name }) => !identity.has(name));
  return {
    definitions: {
      ...exported,
      ...(parameters === undefined ? {} : { parameters }),
      ...(global === undefined ? {} : { global_parameters: global }),
    },
    leftBehind,
  };
}

interface QueueAnswer {
  readonly vhost: string;
  readonly name: string;
  readonly durable: boolean;
  readonly auto_delete: boolean;
  readonly exclusive: boolean;
}

/** Queues that no export holds because they belong to a connection or to one broker's life. */
export async function temporaryQueues(channel: Channel, host: string): Promise<string[]> {
  const queues = await brokerApi(channel, host).get<QueueAnswer[]>(
    '/api/queues?columns=vhost,name,durable,auto_delete,exclusive',
  );
  return queues
    .filter((queue) => !queue.durable || queue.exclusive || queue.auto_delete)
    .map(
      ({ name, vhost }) => `queue ${name} in vhost ${vhost}: not durable, its client declares it`,
    );
}
