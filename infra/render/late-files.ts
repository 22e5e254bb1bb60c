import { gzip } from 'pako';
import { UserError } from '../errors.ts';
import type { RenderedFile, RenderedHost } from './model.ts';

/** Name by which a host fetches its own, beside its secrets; see templates/aws. */
export const lateFilesName = 'late-files';
/** The same for those that wait for the secrets. */
export const lateProgramsName = 'late-programs';

/** What the advanced tier of Systems Manager takes as a value, in bytes. */
export const lateFilesLimit = 8 * 1024;

/** A file as `late-files` on the host reads it. */
export interface LateFile extends Omit<RenderedFile, 'onChange'> {
  /** Shell command that has what runs take the file up; empty for none. */
  readonly command: string;
}

/**
 * The files of a host that come beside its user-data, as a parameter holds them: compressed, in base64.
 * @throws UserError when Systems Manager would refuse them
 */
export function encodedLateFiles({
  name,
  lateFiles,
}: Pick<RenderedHost, 'name' | 'lateFiles'>): string {
  const files = lateFiles.map(({ onChange, ...file }): LateFile => ({
    ...file,
    command: onChange === 'none' ? '' : onChange.join(' '),
  }));
  // As for user-data: the same bytes on every processor, so that the parameter stays as it is.
  const value = Buffer.from(gzip(JSON.stringify(files), { level: 9 })).toString('base64');
  if (value.length > lateFilesLimit) {
    throw new UserError({
      what: `the files of ${name} that come beside its user-data are larger than Systems Manager takes`,
      value: `${value.length} bytes, compressed, in base64`,
      allowed: `at most ${lateFilesLimit} bytes`,
      fix: 'shorten what every host is told of the others: network.clients, network.zones, names of hosts and of the domain',
    });
  }
  return value;
}
