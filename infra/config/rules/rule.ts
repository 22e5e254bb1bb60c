import type { Problem } from '../problems.ts';
import type { EnvironmentConfig } from '../schema.ts';

/** Finds one kind of contradiction in a config whose fields are each valid. */
export type Rule = (config: EnvironmentConfig) => Problem[];

/** Milliseconds in the notation of the config. */
export function showDuration(milliseconds: number): string {
  const units = [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const;
  const unit = units.find(([, factor]) => milliseconds >= factor && milliseconds % factor === 0);
  return unit ? `${milliseconds / unit[1]}${unit[0]}` : `${milliseconds}ms`;
}

/** MiB in the notation of the config. */
export const showSize = (mebibytes: number): string =>
  mebibytes % 1024 === 0 ? `${mebibytes / 1024}GiB` : `${mebibytes}MiB`;
