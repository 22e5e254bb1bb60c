import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { maxClusterSize, topologies } from '../../../infra/config/names.ts';
import { optionalPlugins } from '../../../infra/config/schema.ts';
import { renderEnvironment, renderHost } from '../../../infra/render/environment.ts';
import {
  compressedUserData,
  encodedUserData,
  userDataLimit,
} from '../../../infra/render/compressed-user-data.ts';
import { encodedLateFiles, lateFilesLimit } from '../../../infra/render/late-files.ts';
import { bootCommand } from '../../../infra/render/user-data.ts';
import { plan } from '../../lib/plans.ts';
import { everySampleName, samplePlan } from '../../lib/sample-environments.ts';

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

describe.each(everySampleName)('user-data of the sample %s', (sample) => {
  const plan = samplePlan(sample);
  const hosts = renderEnvironment(plan);

  it('writes exactly the rendered files but for those that come beside it, then boots', () => {
    for (const host of hosts) {
      const document = parse(host.userData) as CloudConfig;
      const late = new Set([...host.lateFiles, ...host.latePrograms].map(({ path }) => path));
      expect(late.size > 0).toBe(plan.target === 'aws');
      expect(document.hostname).toBe(host.name);
      expect(document.write_files).toEqual(
        host.files
          .filter(({ path }) => !late.has(path))
          .map(({ path, mode, content }) => ({ path, permissions: mode, content })),
      );
      expect(document.runcmd).toEqual([[bootCommand]]);
    }
  });

  it('is unpacked to the same document on EC2', () => {
    for (const host of hosts) {
      const bytes = Buffer.from(compressedUserData(host));
      expect(gunzipSync(bytes).toString()).toBe(host.userData);
      // Elsewhere programs that can wait are in it, too: that may be more than EC2 takes.
      if (plan.target === 'aws') {
        expect(Buffer.from(encodedUserData(host), 'base64').equals(bytes)).toBe(true);
      }
    }
  });

  it('starts like cloud-init expects', () => {
    for (const { userData } of hosts) expect(userData.split('\n', 1)).toEqual(['#cloud-config']);
  });
});

describe('the largest user-data that a config can ask for', () => {
  const everything = {
    target: 'aws',
    domain: 'a-rather-long-name-of-an-environment.example.net',
    aws: { region: 'ap-southeast-1' },
    tls: { enabled: true, betweenNodes: true, plainListeners: 'keep' },
    monitoring: { enabled: true },
    rabbitmq: { plugins: optionalPlugins },
  };
  const largest = {
    'quorum-cluster': { quorumCluster: { brokers: maxClusterSize, metadataStore: 'mnesia' } },
    'mirrored-cluster': { mirroredCluster: { brokers: maxClusterSize } },
    warren: {},
    'drbd-pacemaker': {},
  };

  it.each(topologies)('fits what EC2 takes: %s', (topology) => {
    const zones = topology === 'warren' ? ['a', 'b'] : ['a', 'b', 'c', 'd', 'e', 'f'];
    const hosts = renderEnvironment(
      plan(topology, { ...everything, ...largest[topology], network: { zones } }),
    );
    for (const host of hosts) {
      expect(compressedUserData(host).length, host.name).toBeLessThanOrEqual(userDataLimit);
      for (const lateFiles of [host.lateFiles, host.latePrograms]) {
        const value = encodedLateFiles({ name: host.name, lateFiles });
        expect(value.length, host.name).toBeLessThanOrEqual(lateFilesLimit);
      }
    }
  });

  it('is refused beyond that', () => {
    const [host] = renderEnvironment(plan('quorum-cluster', everything));
    if (host === undefined) throw new Error('no hosts');
    const userData = host.userData + randomBytes(userDataLimit).toString('base64');
    expect(() => encodedUserData({ ...host, userData })).toThrow('larger than EC2 takes');
  });

  it('and so are files beside it', () => {
    const clients = Array.from(
      { length: 3000 },
      (_, i) => `100.${i % 200}.${i % 251}.${i % 241}/32`,
    );
    const [host] = renderEnvironment(
      plan('quorum-cluster', { ...everything, frontEnd: 'direct', network: { clients } }),
    );
    if (host === undefined) throw new Error('no hosts');
    expect(() => encodedLateFiles(host)).toThrow('larger than Systems Manager takes');
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
