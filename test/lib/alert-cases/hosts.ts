import type { AlertCase } from './alert-case.ts';

const broker = { host: 'broker-1', zone: 'a' };
const at = 'host="broker-1",zone="a"';
const balancer = { host: 'balancer-1' };

export const hostCases: readonly AlertCase[] = [
  {
    alert: 'HostDown',
    severity: 'critical',
    series: `up{job="node",${at}}`,
    fires: '0x60',
    quiet: '1x60',
    labels: { job: 'node', ...broker },
    summary: 'Host broker-1 in zone a does not answer',
  },
  {
    alert: 'UnitFailed',
    severity: 'warning',
    series: `node_systemd_unit_state{name="nftables.service",state="failed",${at}}`,
    fires: '1x60',
    quiet: '0x60',
    labels: { name: 'nftables.service', state: 'failed', ...broker },
    summary: 'nftables.service of broker-1 has failed',
  },
  {
    alert: 'KeepalivedDown',
    severity: 'warning',
    series: 'node_systemd_unit_state{name="keepalived.service",state="active",host="balancer-1"}',
    fires: '0x60',
    quiet: '1x60',
    labels: { name: 'keepalived.service', state: 'active', ...balancer },
    summary: 'balancer-1 cannot take over the virtual address',
  },
  {
    alert: 'FileSystemNearlyFull',
    severity: 'warning',
    series: `node_filesystem_avail_bytes{fstype="xfs",mountpoint="/var/lib/rabbitmq",${at}}`,
    fires: '5x60',
    quiet: '50x60',
    beside: [
      `node_filesystem_size_bytes{fstype="xfs",mountpoint="/var/lib/rabbitmq",${at}}`,
      '100x60',
    ],
    labels: { fstype: 'xfs', mountpoint: '/var/lib/rabbitmq', ...broker },
    summary: '/var/lib/rabbitmq of broker-1 has 5% left',
  },
  {
    alert: 'MetricsStale',
    severity: 'warning',
    series: `node_textfile_mtime_seconds{file="broker.prom",${at}}`,
    fires: '0x60',
    quiet: '0+15x60',
    labels: { file: 'broker.prom', ...broker },
    summary: 'broker-1 no longer writes broker.prom',
  },
];
