import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RenderedHost } from '../../../infra/render/model.ts';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import { writeTree } from '../../lib/golden.ts';
import { nativeTool } from '../../lib/native-tools.ts';
import { sampleNames, samplePlan } from '../../lib/sample-environments.ts';

/** The tools that will read the files judge them: what they refuse here would not start there. */
describe.each(sampleNames)('native linters on the sample %s', (sample) => {
  const hosts = renderEnvironment(samplePlan(sample));
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), `rendered-${sample}-`));
    for (const host of hosts) writeTree(join(folder, host.name), treeOf(host));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const having = (path: string): string[] =>
    hosts.filter(({ files }) => files.some((file) => file.path === path)).map(({ name }) => name);

  it.each(having('/etc/haproxy/haproxy.cfg'))('haproxy -c: %s', async (host) => {
    const checked = await nativeTool('haproxy', folder, (path) => [
      '-c',
      '-f',
      `${path}/${host}/etc/haproxy/haproxy.cfg`,
    ]);
    expect(checked.code, checked.output).toBe(0);
  });

  it.each(having('/etc/keepalived/keepalived.conf'))('keepalived -t: %s', async (host) => {
    const checked = await nativeTool('keepalived', folder, (path) => [
      '--config-test',
      '--use-file',
      `${path}/${host}/etc/keepalived/keepalived.conf`,
    ]);
    expect(checked.code, checked.output).toBe(0);
  });

  it.each(hosts.map(({ name }) => name))('nft -c: %s', async (host) => {
    const checked = await nativeTool('nft', folder, (path) => [
      '--check',
      '--file',
      `${path}/${host}/etc/nftables.conf`,
    ]);
    expect(checked.code, checked.output).toBe(0);
  });

  it('shellcheck: every script', async () => {
    const checked = await nativeTool('shellcheck', folder, (path) => [
      // Files that scripts source are on the hosts, not beside them.
      '--exclude=SC1091',
      ...scriptsOf(hosts).map((script) => `${path}/${script}`),
    ]);
    expect(checked.code, checked.output).toBe(0);
  });

  it('cloud-init schema: every user-data', async () => {
    for (const { name } of hosts) {
      const checked = await nativeTool('cloud-init', folder, (path) => [
        'schema',
        '--config-file',
        `${path}/${name}/user-data`,
      ]);
      expect(checked.code, checked.output).toBe(0);
    }
  });
});

const treeOf = ({ files, userData }: RenderedHost): Record<string, string> => ({
  ...Object.fromEntries(
    files.map(({ path, content }) => [path.slice(1), inPlace(path, content)] as const),
  ),
  'etc/keepalived/vrrp-authentication.conf': authentication,
  'user-data': userData,
});

/** What a host makes from its secret; here a synthetic one. */
const authentication = 'authentication {\n    auth_type PASS\n    auth_pass synthetc\n}\n';

/** Keepalived looks at what its settings name: here that is elsewhere, and root the only user. */
const inPlace = (path: string, content: string): string =>
  path === '/etc/keepalived/keepalived.conf'
    ? content
        .replace(
          '/run/rabbitmq-ha-kit/balancer/vrrp-authentication.conf',
          'vrrp-authentication.conf',
        )
        .replace('/usr/local/lib/rabbitmq-ha-kit/check-haproxy', '/usr/bin/true')
        .replace('script_user haproxy haproxy', 'script_user root root')
    : content;

/** One of each kind: scripts that are the same on every host are checked once. */
function scriptsOf(hosts: readonly RenderedHost[]): string[] {
  const byContent = new Map<string, string>();
  for (const { name, files } of hosts) {
    for (const { path, content } of files) {
      if (content.startsWith('#!/bin/sh')) byContent.set(content, `${name}${path}`);
    }
  }
  return [...byContent.values()];
}
