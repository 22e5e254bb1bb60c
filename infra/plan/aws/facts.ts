/**
 * All that may differ between a host on EC2 and the same host on the rig. Every other byte of its files
 * and its user-data is the same; a test compares them by this list.
 */
export interface TargetFact {
  /** File that holds it, on the host. */
  readonly path: RegExp;
  /** Lines of the file, or the whole file, which then only hosts of one target have. */
  readonly lines: RegExp | 'whole file';
  readonly why: string;
}

const programs = '/usr/local/lib/rabbitmq-ha-kit';
const units = '/etc/systemd/system';

const onlyOnOne = (paths: readonly string[], why: string): TargetFact => ({
  path: new RegExp(`^(${paths.join('|').replaceAll('.', '\\.')})$`),
  lines: 'whole file',
  why,
});

export const targetFacts: readonly TargetFact[] = [
  onlyOnOne(
    ['/etc/rabbitmq-ha-kit/target.env', `${programs}/metadata`],
    'what the host is told of EC2, and how it asks for the rest',
  ),
  onlyOnOne(
    [`${programs}/boot.d/05-release`, '/etc/apt/apt.conf.d/80-rabbitmq-ha-kit'],
    'the image is not of the kit',
  ),
  onlyOnOne(
    [
      `${programs}/boot.d/07-time`,
      '/etc/chrony/sources.d/rabbitmq-ha-kit.sources',
      '/etc/systemd/timesyncd.conf.d/rabbitmq-ha-kit.conf',
    ],
    'the rig has the clock of its machine',
  ),
  onlyOnOne(
    ['/etc/ssh/sshd_config.d/60-rabbitmq-ha-kit.conf', `${programs}/boot.d/08-ssh`],
    'people log in on hosts by ssh',
  ),
  onlyOnOne(
    [
      `${programs}/mount-volumes`,
      `${programs}/link-volumes`,
      `${programs}/boot.d/12-volumes`,
      `${units}/rabbitmq-ha-kit-volumes.service`,
      `${units}/rabbitmq-server.service.d/05-rabbitmq-ha-kit-volume.conf`,
      `${units}/prometheus.service.d/05-rabbitmq-ha-kit-volume.conf`,
      `${units}/replicated-store.service.d/05-rabbitmq-ha-kit-volume.conf`,
    ],
    'the rig mounts volumes before a host starts',
  ),
  onlyOnOne(
    [
      `${programs}/fetch-secrets`,
      `${programs}/parameter-hash`,
      `${units}/rabbitmq-ha-kit-secrets.service.d/10-fetch.conf`,
    ],
    'the rig mounts secrets before a host starts',
  ),
  onlyOnOne(
    [`${programs}/late-files`],
    'other user-data would be another instance: files that follow the hosts come in a parameter',
  ),
  onlyOnOne(
    [
      `${programs}/move-virtual-address`,
      `${units}/keepalived.service.d/20-virtual-address.conf`,
      `${units}/virtual-address.service`,
      `${units}/virtual-address.timer`,
    ],
    'a network of EC2 goes by its API, not by what a holder announces',
  ),
  onlyOnOne(
    [
      `${programs}/boot.d/09-cluster`,
      `${programs}/boot.d/14-cluster`,
      `${programs}/boot.d/14-keep-address`,
      `${programs}/cluster-aws`,
      `${programs}/cluster-facts`,
    ],
    "packages would start the broker themselves; what Pacemaker's agents for EC2 have to be told",
  ),
  onlyOnOne(
    ['/usr/sbin/fence_rig', '/usr/sbin/fence_aws_host'],
    "who takes the power of a host away: the rig's service, or the API of EC2",
  ),
  {
    path: /^\/etc\/rabbitmq-ha-kit\/cluster\.xml$/,
    lines:
      / id="(power|address)[-"]|<!-- An API |^ *<\/?(primitive|operations|instance_attributes|meta_attributes)>$/,
    why: "how the broker's address moves, and how a host is fenced",
  },
  {
    path: /^\/etc\/rabbitmq-ha-kit\/drbd\.env$/,
    lines: /^(DEVICE|VIRTUAL_ADDRESS)=/,
    why: 'where the disk is, and an overlay address is outside of the VPC',
  },
  {
    path: /^\/etc\/(corosync\/corosync\.conf|drbd\.d\/rabbitmq\.res)$/,
    lines: /^\t\t(ring0_addr:|address ipv4) /,
    why: 'hosts that share a broker are in zones of their own',
  },
  {
    path: /^\/etc\/(rabbitmq\/rabbitmq\.conf|rabbitmq-ha-kit\/broker\.env)$/,
    lines:
      /^(listeners\.\w+\.\d|management\.\w+\.ip) = (?!0\.)|^MQ_API_HOST=\$\{MQ_API_HOST:-'(?!127\.)/,
    why: 'address that a broker takes along',
  },
  {
    path: /^\/etc\/rabbitmq-ha-kit\/host\.env$/,
    lines: /^(PACKAGES|ADDRESS|ZONE)=|^SECRETS='.* cluster-key |^TLS_LISTENERS='\w+=(?!127\.)\d/,
    why: 'programs for EC2 need packages; a subnet of EC2 is in one zone, so that balancers are elsewhere; fencing needs no password; a broker takes its address along',
  },
  {
    path: /^\/etc\/hosts$/,
    lines: / (balancer-\d|drbd-[ab]|broker)$/,
    why: 'addresses of balancers, and of hosts that share a broker',
  },
  {
    path: /^\/etc\/nftables\.conf$/,
    lines:
      /^\t\tip [sd]addr .* comment "(.* from clients|HAProxy statistics page|Prometheus page and API|balanced .*|who holds .*|reachability and path MTU|metrics of .*|instance metadata|names.*|time|renewal .*|APIs of AWS|packages of Debian|shells .*)"$/,
    why: 'clients are not behind the router of the rig; services of EC2; addresses of balancers',
  },
  {
    path: /^\/etc\/nftables\.conf$/,
    lines:
      /^\t\tip [sd]addr \{.*\/32 \} (tcp|udp) dport .* comment "(membership of the cluster .*|copies of the disk .*|whom the quorum .*)"$/,
    why: 'hosts that share a broker, and its address, are elsewhere',
  },
  {
    path: /^\/etc\/nftables\.conf$/,
    lines: /^\t\tip [sd]addr .* comment "(shovels .*|definitions and queue .*)"$/,
    why: 'a swap on the rig may move messages from and to hosts that share a broker, wherever these are',
  },
  {
    path: /^\/etc\/haproxy\/haproxy\.cfg$/,
    lines: /^\t(bind |server broker \d)/,
    why: 'addresses of balancers, and of a broker that takes its own along',
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
    lines: /host: (balancer-\d|drbd-[ab]),|targets: \['[\d.]+:(8405|9100|15692)'\]/,
    why: 'addresses of balancers, and of hosts that share a broker',
  },
];
