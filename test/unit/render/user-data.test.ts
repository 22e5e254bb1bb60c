import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renderEnvironment, renderHost } from '../../../infra/render/environment.ts';
import { bootCommand } from '../../../infra/render/user-data.ts';
import { sampleNames, samplePlan } from '../../lib/sample-environments.ts';

interface CloudConfig {
  readonly hostname: string;
  readonly fqdn: string;
  readonly write_files: readonly {
    readonly path: string;
    readonly permissions: string;
    readonly content: string;
  }[];
  readonly runcmd: unknown;
}

describe.each(sampleNames)('user-data of the sample %s', (sample) => {
  const plan = samplePlan(sample);
  const hosts = renderEnvironment(plan);

  it('writes exactly the rendered files, then boots', () => {
    for (const host of hosts) {
      const document = parse(host.userData) as CloudConfig;
      expect(document.hostname).toBe(host.name);
      expect(document.write_files).toEqual(
        host.files.map(({ path, mode, content }) => ({ path, permissions: mode, content })),
      );
      expect(document.runcmd).toEqual([[bootCommand]]);
    }
  });

  it('fits what EC2 takes, compressed', () => {
    for (const { name, userData } of hosts) {
      expect(gzipSync(userData).length, name).toBeLessThan(16 * 1024);
    }
  });

  it('starts like cloud-init expects', () => {
    for (const { userData } of hosts) expect(userData.split('\n', 1)).toEqual(['#cloud-config']);
  });
});

describe('renderHost', () => {
  const plan = samplePlan('quorum');
  const host = plan.hosts[0];
  if (host === undefined) throw new Error('the sample has no hosts');

  it('names template, host and field of what a context lacks', () => {
    const files = [{ template: 'common/etc/hosts.hbs', context: {}, onChange: 'none' as const }];
    expect(() => renderHost(plan, { ...host, files })).toThrow(
      `cannot render template "common/etc/hosts.hbs" for host "${host.name}" of stack "quorum": "hosts" not defined`,
    );
  });

  it('refuses two files for one path', () => {
    const [file] = host.files;
    if (file === undefined) throw new Error('the sample has no files');
    expect(() => renderHost(plan, { ...host, files: [file, file] })).toThrow('two files for');
  });

  it('leaves files of package users to the final stage', () => {
    const [file] = host.files;
    if (file === undefined) throw new Error('the sample has no files');
    const files = [{ ...file, owner: 'rabbitmq:rabbitmq' }];
    expect(parse(renderHost(plan, { ...host, files }).userData)).toMatchObject({
      write_files: [{ owner: 'rabbitmq:rabbitmq', defer: true }],
    });
  });
});
