import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RenderedHost } from '../../../infra/render/model.ts';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import { createAuthority, issueCertificate } from '../../../infra/tls/x509.ts';
import { writeTree } from '../../lib/golden.ts';
import { nativeTool } from '../../lib/native-tools.ts';
import { ofRole } from '../../lib/plans.ts';
import { everySampleName, samplePlan } from '../../lib/sample-environments.ts';

/** The tools that will read the files judge them: what they refuse here would not start there. */
describe.each(everySampleName)('native linters on the sample %s', (sample) => {
  const plan = samplePlan(sample);
  const hosts = renderEnvironment(plan);
  let folder = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), `rendered-${sample}-`));
    const made = await balancerSecrets();
    writeTree(folder, { 'corosync.key': 'k'.repeat(128) });
    for (const host of hosts) writeTree(join(folder, host.name), { ...treeOf(host), ...made });
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const having = (path: string): string[] =>
    hosts.filter(({ files }) => files.some((file) => file.path === path)).map(({ name }) => name);

  it.each(having('/etc/haproxy/haproxy.cfg'))('haproxy -c: %s', async (host) => {
    const checked = await nativeTool('haproxy', folder, (path) => [
      '-c',
      // Certificates are named as on the host: here they are beside the settings.
      ...['-C', `${path}/${host}`],
      ...['-f', 'etc/haproxy/haproxy.cfg', '-f', 'haproxy-users.cfg'],
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

  it.each(having('/etc/corosync/corosync.conf'))('corosync -t: %s', async (host) => {
    const checked = await nativeTool('corosync', folder, (path) => [
      '-t',
      ...['-c', `${path}/${host}/etc/corosync/corosync.conf`],
    ]);
    expect(checked.code, checked.output).toBe(0);
  });

  it.each(having('/etc/drbd.conf'))('drbdadm dump: %s', async (host) => {
    // What drbdadm becomes on a host whose kernel has DRBD 8.4.
    const checked = await nativeTool('/usr/lib/drbd/drbdadm-84', folder, (path) => [
      ...['--config-file', `${path}/${host}/etc/drbd.conf`, 'dump', 'all'],
    ]);
    expect(checked.code, checked.output).toBe(0);
    for (const { address } of ofRole(plan, 'broker')) {
      expect(checked.stdout).toContain(`address          ipv4 ${address}:7788;`);
    }
  });

  it.each(having('/etc/rabbitmq-ha-kit/cluster.xml'))('crm_verify: %s', async (host) => {
    const checked = await nativeTool('crm_verify', folder, (path) => [
      ...['-V', '--xml-file', `${path}/${host}/cib.xml`],
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
  ...Object.fromEntries(
    files
      .filter(({ path }) => path === '/etc/rabbitmq-ha-kit/cluster.xml')
      .map(({ content }) => ['cib.xml', asCib(content)]),
  ),
  'user-data': userData,
});

/** The configuration inside of the file that Pacemaker keeps it in. */
const asCib = (configuration: string): string =>
  `<cib crm_feature_set="3.20.0" validate-with="pacemaker-4.0" admin_epoch="0" epoch="1" num_updates="0">
${configuration}<status/></cib>`;

/** What a balancer makes from its secrets; here from synthetic ones. */
async function balancerSecrets(): Promise<Record<string, string>> {
  const authority = await createAuthority('synthetic', 2);
  const request = { commonName: 'synthetic', names: [], addresses: ['10.77.0.10'], validDays: 1 };
  const { certificate, key } = await issueCertificate(authority, request);
  return {
    'etc/keepalived/vrrp-authentication.conf':
      'authentication {\n    auth_type PASS\n    auth_pass synthetc\n}\n',
    'haproxy-users.cfg': 'userlist statistics\n\tuser statistics password $6$salt$hash\n',
    'authorities.pem': authority.certificate,
    'front.pem': `${certificate}${key}`,
  };
}

/** What settings name is looked at: here that is elsewhere, and root the only user. */
function inPlace(path: string, content: string): string {
  if (path === '/etc/haproxy/haproxy.cfg') {
    return content.replaceAll('/run/rabbitmq-ha-kit/balancer/', '');
  }
  if (path === '/etc/keepalived/virtual-servers.conf') {
    return content.replaceAll('/usr/local/lib/rabbitmq-ha-kit/check-broker', '/usr/bin/true');
  }
  if (path === '/etc/corosync/corosync.conf') {
    // The host that is looked at has one of the addresses, and the key is beside the settings.
    return content
      .replace('\tcrypto_hash', '\tkeyfile: /mnt/corosync.key\n\tcrypto_hash')
      .replace(/ring0_addr: .*/, 'ring0_addr: 127.0.0.1');
  }
  return path === '/etc/keepalived/keepalived.conf'
    ? content
        .replace(
          '/run/rabbitmq-ha-kit/balancer/vrrp-authentication.conf',
          'vrrp-authentication.conf',
        )
        .replace('/usr/local/lib/rabbitmq-ha-kit/check-haproxy', '/usr/bin/true')
        .replace('include /etc/keepalived/', 'include ')
        .replaceAll('/usr/local/lib/rabbitmq-ha-kit/move-virtual-address', '/usr/bin/true')
        .replace(/script_user (haproxy haproxy|nobody nogroup)/, 'script_user root root')
    : content;
}

/** One of each kind: scripts that are the same on every host are checked once. */
function scriptsOf(hosts: readonly RenderedHost[]): string[] {
  const byContent = new Map<string, string>();
  for (const { name, files } of hosts) {
    for (const { path, content } of files) {
      if (/^#!\/bin\/(ba)?sh\n/.test(content)) byContent.set(content, `${name}${path}`);
    }
  }
  return [...byContent.values()];
}
