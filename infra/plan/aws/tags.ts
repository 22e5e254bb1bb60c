/**
 * Tags of an instance by which its host learns what exists only after creation: the volume that it is to
 * mount, what moves the virtual address. They come through the metadata service, so that user-data
 * stays the same bytes and a volume that was restored replaces no instance. A key in metadata may
 * hold letters, digits and `+ - = . , _ : @` only.
 */
const prefix = 'rabbitmq-ha-kit:';

export const instanceTags = {
  /** `vol-...` of a volume of the plan. */
  volume: (name: string): string => `${prefix}volume:${name}`,
  /** `eni-...` of the host itself; on hosts that may hold a virtual address. */
  interface: `${prefix}interface`,
  /** `rtb-... rtb-...`, every table with the route of an overlay address; on its holders. */
  routeTables: `${prefix}route-tables`,
  /** `eipalloc-...` of an Elastic IP; on its holders. */
  addressAllocation: `${prefix}address-allocation`,
} as const;
