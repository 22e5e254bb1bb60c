import type { RenderedHost } from '../render/model.ts';
import { type AwsSite, planned } from './site.ts';
import { digestOf } from './user-data.ts';

/** What has a host replaced when it changes. */
export function madeOf(
  { aws: { hosts } }: Pick<AwsSite, 'aws'>,
  { name, userData }: RenderedHost,
): Readonly<Record<string, string>> {
  const { type, image, rootGiB } = planned(hosts, name, 'instance');
  if (image === undefined) throw new Error(`host ${name} has no image`);
  return { image, type, rootDisk: String(rootGiB), userData: digestOf(userData) };
}
