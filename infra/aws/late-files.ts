import { encodedLateFiles } from '../render/late-files.ts';
import type * as pulumi from '../pulumi.ts';
import type { RenderedHost } from '../render/model.ts';
import { aws, type kms, type ssm } from './sdk.ts';
import { type AwsSite, nameOf, planned, tagsOf } from './site.ts';

/** Files that follow which hosts there are, by host: a parameter can change, user-data cannot. */
export const createLateFiles = (
  site: AwsSite,
  key: kms.Key,
  rendered: readonly RenderedHost[],
): Record<string, ssm.Parameter> =>
  Object.fromEntries(
    rendered.map((host) => [
      host.name,
      new aws.ssm.Parameter(
        nameOf(site, `${host.name}-files`),
        {
          name: planned(site.aws.hosts, host.name, 'instance').lateFiles,
          // No secrets, but one right and one key for all that a host fetches.
          type: 'SecureString',
          value: encodedLateFiles(host),
          keyId: key.arn,
          tier: 'Intelligent-Tiering',
          tags: tagsOf(site, `${host.name}-files`),
        },
        site.opts,
      ),
    ]),
  );

/**
 * By host: says nothing but that other files have another one. It only rises: a host that took up a change
 * which was then taken back is told of that, too.
 */
export const versionsOfLateFiles = (
  parameters: Readonly<Record<string, ssm.Parameter>>,
): Record<string, pulumi.Output<string>> =>
  Object.fromEntries(
    Object.entries(parameters).map(([host, { version }]) => [host, version.apply(String)]),
  );
