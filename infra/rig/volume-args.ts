import type { VolumePlan } from '../plan/model.ts';

interface VolumeArgs {
  readonly stack: string;
  readonly name: string;
  readonly sizeGiB: number;
  readonly format?: 'none';
}

/** What the provider is asked for a volume of the plan: one that nobody mounts comes without a file system. */
export const volumeArgs = (
  stack: string,
  { name, sizeGiB, mount }: Pick<VolumePlan, 'name' | 'sizeGiB' | 'mount'>,
): VolumeArgs => ({
  stack,
  name,
  sizeGiB,
  ...(mount === undefined ? { format: 'none' } : {}),
});
