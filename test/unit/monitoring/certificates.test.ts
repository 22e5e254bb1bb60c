import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../../infra/config/load.ts';
import { planEnvironment } from '../../../infra/plan/environment.ts';
import { renderEnvironment } from '../../../infra/render/environment.ts';

const config = {
  topology: 'quorum-cluster',
  tls: { enabled: true },
  monitoring: { enabled: true },
};
const hosts = renderEnvironment(planEnvironment(loadEnvironment(config, undefined, 'rig-both')));

/** Where a host's service reads the certificate that it shows, by role. */
const reads = {
  broker: ['/etc/rabbitmq/rabbitmq.conf', /^ssl_options\.certfile = (\S+)$/m],
  balancer: ['/etc/haproxy/haproxy.cfg', / ssl crt (\S+)/],
} as const;

describe('the metric of when certificates end', () => {
  it.each(['broker', 'balancer'] as const)('reads what a %s shows', (role) => {
    const [host] = hosts.filter(({ name }) => name.startsWith(role));
    const contentOf = (path: string) => host?.files.find((file) => file.path === path)?.content;
    const [path, pattern] = reads[role];
    const shown = pattern.exec(contentOf(path) ?? '')?.[1];
    expect(shown).toBeDefined();
    const collector = '/usr/local/lib/rabbitmq-ha-kit/collect-metrics';
    expect(contentOf(collector)).toContain(` ${shown ?? ''}`);
  });
});
