/**
 * All that may differ between a host on EC2 and the same host on the rig. Every other byte of its files
 * and its user-data is the same; a test compares them by this list.
 */
export interface TargetFact {
  /** File that holds it, on the host. */
  readonly path: RegExp;
  /** Lines of the file, or the whole file, which then only EC2 hosts have. */
  readonly lines: RegExp | 'whole file';
  readonly why: string;
}

const programs = '/usr/local/lib/rabbitmq-ha-kit';
const units = '/etc/systemd/system';

const onlyOnEc2 = (paths: readonly string[], why: string): TargetFact => ({
  path: new RegExp(`^(${paths.join('|').replaceAll('.', '\\.')})$`),
  lines: 'whole file',
  why,
});

export const targetFacts: readonly TargetFact[] = [
  onlyOnEc2(
    ['/etc/rabbitmq-ha-kit/target.env', `${programs}/metadata`],
    'what the host is told of EC2, and how it asks for the rest',
  ),
  onlyOnEc2(
    [`${programs}/boot.d/05-release`, '/etc/apt/apt.conf.d/80-rabbitmq-ha-kit'],
    'the image is not of the kit',
  ),
  onlyOnEc2(
    [
      `${programs}/boot.d/07-time`,
      '/etc/chrony/sources.d/rabbitmq-ha-kit.sources',
      '/etc/systemd/timesyncd.conf.d/rabbitmq-ha-kit.conf',
    ],
    'the rig has the clock of its machine',
  ),
  onlyOnEc2(
    ['/etc/ssh/sshd_config.d/60-rabbitmq-ha-kit.conf', `${programs}/boot.d/08-ssh`],
    'people log in on hosts by ssh',
  ),
  onlyOnEc2(
    [
      `${programs}/mount-volumes`,
      `${programs}/boot.d/12-volumes`,
      `${units}/rabbitmq-ha-kit-volumes.service`,
      `${units}/rabbitmq-server.service.d/05-rabbitmq-ha-kit-volume.conf`,
      `${units}/prometheus.service.d/05-rabbitmq-ha-kit-volume.conf`,
    ],
    'the rig mounts volumes before a host starts',
  ),
  onlyOnEc2(
    [
      `${programs}/fetch-secrets`,
      `${programs}/parameter-hash`,
      `${units}/rabbitmq-ha-kit-secrets.service.d/10-fetch.conf`,
    ],
    'the rig mounts secrets before a host starts',
  ),
  onlyOnEc2(
    [`${programs}/late-files`],
    'other user-data would be another instance: files that follow the hosts come in a parameter',
  ),
  onlyOnEc2(
    [
      `${programs}/move-virtual-address`,
      `${units}/keepalived.service.d/20-virtual-address.conf`,
      `${units}/virtual-address.service`,
      `${units}/virtual-address.timer`,
    ],
    'a network of EC2 goes by its API, not by what a holder announces',
  ),
  {
    path: /^\/etc\/rabbitmq-ha-kit\/host\.env$/,
    lines: /^(PACKAGES|ADDRESS|ZONE)=/,
    why: 'programs for EC2 need packages; a subnet of EC2 is in one zone, so that balancers are elsewhere',
  },
  {
    path: /^\/etc\/hosts$/,
    lines: / balancer-\d$/,
    why: 'addresses of balancers',
  },
  {
    path: /^\/etc\/nftables\.conf$/,
    lines:
      /^\t\tip [sd]addr .* comment "(.* from clients|HAProxy statistics page|Prometheus page and API|balanced .*|who holds .*|reachability and path MTU|metrics of .*|instance metadata|names.*|time|renewal .*|APIs of AWS|packages of Debian|shells .*)"$/,
    why: 'clients are not behind the router of the rig; services of EC2; addresses of balancers',
  },
  {
    path: /^\/etc\/haproxy\/haproxy\.cfg$/,
    lines: /^\tbind /,
    why: 'addresses of balancers',
  },
  {
    path: /^\/etc\/keepalived\/virtual-servers\.conf$/,
    lines: /^virtual_server /,
    why: 'an overlay address is outside of the VPC, and AWS translates an Elastic IP',
  },
  {
    path: /^\/etc\/keepalived\/keepalived\.conf$/,
    lines:
      /^ {4}(interface |unicast_src_ip |notify_|# A master that|# only the lower)|^ {8}\d+\.\d+\.\d+\.\d+(\/32( dev lo)?)?$/,
    why: 'addresses of balancers; no interface has a fixed name, and the address moves through the API',
  },
  {
    path: /^\/etc\/rabbitmq-ha-kit\/balancer\.env$/,
    lines: /^VIRTUAL_ADDRESS=/,
    why: 'an overlay address is outside of the VPC',
  },
  {
    path: /^\/etc\/prometheus\/prometheus\.yml$/,
    lines: /host: balancer-\d,|targets: \['[\d.]+:(8405|9100)'\]/,
    why: 'addresses of balancers',
  },
];
