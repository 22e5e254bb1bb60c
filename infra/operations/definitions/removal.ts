import { canonical } from '../../canonical-json.ts';
import { bindingOf, placeOf } from '../../definitions/items.ts';
import { messageOf } from '../../errors.ts';
import type { Channel } from '../channel.ts';
import { type BrokerApi } from '../rabbitmq-api.ts';
import { deleteEmptyQueues } from './queues.ts';
import { describeUse } from './refusals.ts';

/**
 * Takes items away, in this order; queues first, and only while they are empty and unused.
 * @throws when a queue came into use since it was looked at; nothing after it is touched then
 */
export async function removeItems(
  channel: Channel,
  api: BrokerApi,
  paths: readonly string[],
): Promise<void> {
  const queues = paths
    .map(placeOf)
    .filter(({ kind }) => kind === 'queues')
    .map(({ vhost = '', name }) => ({ vhost, name }));
  const [used] = await deleteEmptyQueues(channel, api.host, queues);
  if (used !== undefined) {
    throw new Error(
      `queue ${used.name} in vhost ${used.vhost} was empty and is in use now: ${describeUse(used)}`,
    );
  }
  for (const path of paths) {
    const { kind } = placeOf(path);
    if (kind === 'bindings') await unbind(api, path);
    else if (kind === 'topic-permissions') await clearTopicPermission(channel, api.host, path);
    else if (kind !== 'queues') await ended(api.delete(`/api/${path}`), undefined);
  }
}

/** What is gone already is gone too. */
async function ended<T>(call: Promise<T>, instead: T): Promise<T> {
  return call.catch((error: unknown) => {
    if (/\b404\b/.test(messageOf(error))) return instead;
    throw error;
  });
}

interface BindingAnswer {
  readonly routing_key: string;
  readonly arguments: Parameters<typeof canonical>[0];
  readonly properties_key: string;
}

/** Of the bindings between two things each has a key that the server makes. */
async function unbind(api: BrokerApi, path: string): Promise<void> {
  const binding = bindingOf(path);
  const { vhost, source, destination, destinationType, routingKey } = binding;
  const type = destinationType === 'queue' ? 'q' : 'e';
  const names = [vhost, 'e', source, type, destination].map(encodeURIComponent);
  const place = `/api/bindings/${names.join('/')}`;
  const found = await ended(api.get<BindingAnswer[]>(place), []);
  const same = found.filter(
    (one) =>
      one.routing_key === routingKey && canonical(one.arguments) === canonical(binding.arguments),
  );
  for (const { properties_key: key } of same) {
    await ended(api.delete(`${place}/${encodeURIComponent(key)}`), undefined);
  }
}

/** The management API can only take all of a user's topic permissions in a vhost at once. */
async function clearTopicPermission(channel: Channel, host: string, path: string): Promise<void> {
  const { vhost = '', name, rest } = placeOf(path);
  const argv = ['rabbitmqctl', '--silent', 'clear_topic_permissions', '-p', vhost, '--', name];
  const result = await channel.run(host, [...argv, ...rest], { timeoutMs: 60_000 });
  if (result.code === 0) return;
  throw new Error(
    `taking away ${path} on ${host} ended with ${result.code}: ${result.stderr.slice(-500)}`,
  );
}
