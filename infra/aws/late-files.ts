import { encodedLateFiles } from '../render/late-files.ts';
import * as pulumi from '../pulumi.ts';
import type { RenderedFile, RenderedHost } from '../render/model.ts';
import { aws, type kms, type ssm } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** By host, the parameters that hold files of it: first those that follow the hosts of the environment. */
export type LateFiles = Readonly<Record<string, readonly [ssm.Parameter, ...ssm.Parameter[]]>>;

/** What user-data lacks, by host: a parameter can change, user-data cannot. */
export const createLateFiles = (
  site: AwsSite,
  key: kms.Key,
  rendered: readonly RenderedHost[],
): LateFiles =>
  Object.fromEntries(
    rendered.map(({ name, lateFiles, latePrograms }) => {
      const names = planned(site.aws.hosts, name, 'instance');
      const create = (part: string, parameter: string, files: readonly RenderedFile[]) =>
        createParameter(site, key, {
          part,
          parameter,
          value: encodedLateFiles({ name, lateFiles: files }),
        });
      return [
        name,
        [
          create(`${name}-files`, names.lateFiles, lateFiles),
          ...(names.latePrograms === undefined
            ? []
            : [create(`${name}-programs`, names.latePrograms, latePrograms)]),
        ],
      ];
    }),
  );

const createParameter = (
  site: AwsSite,
  key: kms.Key,
  { part, parameter, value }: Record<'part' | 'parameter' | 'value', string>,
): ssm.Parameter =>
  new aws.ssm.Parameter(
    nameOf(site, part),
    {
      name: parameter,
      // No secrets, but one right and one key for all that a host fetches.
      type: 'SecureString',
      value,
      keyId: key.arn,
      tier: 'Intelligent-Tiering',
      tags: tagsOf(site, part),
    },
    site.opts,
  );

/**
 * By host: says nothing but that other files have another one. Of each parameter it only rises: a host that
 * took up a change which was then taken back is told of that, too.
 */
export const versionsOfLateFiles = (files: LateFiles): Record<string, pulumi.Output<string>> =>
  Object.fromEntries(
    Object.entries(files).map(([host, parameters]) => [
      host,
      pulumi.all(parameters.map(({ version }) => version)).apply((versions) => versions.join(' ')),
    ]),
  );
