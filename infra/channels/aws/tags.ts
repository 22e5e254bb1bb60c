import type { HostPlan } from '../../plan/model.ts';

/**
 * Tags by which an instance is known as a host of a stack: no list of instances is kept anywhere, so
 * that none can be out of date. Keys are such as instance metadata can show: letters, digits and
 * `+ - = . , _ : @`.
 */
const prefix = 'rabbitmq-ha-kit:';

export const stackTag = `${prefix}stack`;
export const hostTag = `${prefix}host`;
export const zoneTag = `${prefix}zone`;
/** Digest of the user-data that the instance was made with; AWS itself tells its image and its type. */
export const userDataTag = `${prefix}user-data`;
/** GiB of the root disk that the instance was made with: a list of instances does not tell it. */
export const rootDiskTag = `${prefix}root-disk`;
export const labelPrefix = `${prefix}label:`;

/** Every instance of the kit carries these. */
export const instanceTags = (
  stack: string,
  host: Pick<HostPlan, 'name' | 'zone' | 'roles' | 'labels'>,
  made: { readonly userData: string; readonly rootGiB: number },
): Record<string, string> => ({
  [stackTag]: stack,
  [hostTag]: host.name,
  [zoneTag]: host.zone,
  [userDataTag]: made.userData,
  [rootDiskTag]: String(made.rootGiB),
  ...Object.fromEntries(
    Object.entries({ ...host.labels, roles: host.roles.join(' ') }).map(([key, value]) => [
      `${labelPrefix}${key}`,
      value,
    ]),
  ),
});
