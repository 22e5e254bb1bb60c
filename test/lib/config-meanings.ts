/** What each field of the config does, for docs/config.md: one or two short sentences a field. */
export const meanings: Readonly<Record<string, string>> = {
  target: 'Where the hosts are: on this machine, or on EC2, which needs the section [`aws`](#aws).',
  topology: 'How the brokers stand to each other. The one field that has no default.',
  frontEnd:
    'What stands between clients and brokers: two balancers with a VIP ([HAProxy](haproxy-keepalived.md), or [LVS](lvs-keepalived.md) in the kernel), nothing ([direct](direct.md)), a balancer of your own ([external](external.md)), or on aws a Network Load Balancer.',
  domain:
    'DNS domain of the hosts; Erlang node names live in it. `<stack>.internal` unless stated.',
  'network.cidr':
    'The private network of the environment, `/18` or larger. It is cut into sixteen equal subnets: `front`, then one a zone.',
  'network.placement':
    'Where brokers are: each in the subnet of its zone, or all in `front` beside the balancers (`flat`), with zones as labels. Settled with the first `up`.',
  'network.zones':
    'Names of the zones, two to seven, at least three for a quorum cluster. Brokers take turns over them.',
  'network.subnets':
    'A subnet by hand, for `front` (at most `/24`, `/22` where placement is flat) or a zone (at most `/22`), in place of the computed one.',
  'network.clients':
    'Networks outside whose clients may connect. On the rig the forwarded loopback ports need none.',
  'brokers.memory': 'Planned memory of a broker host. The limits below follow from it.',
  'brokers.disk':
    'Size of the data volume, at least twice the free-disk limit. It can grow (with its host stopped; not in `drbd-pacemaker`), never shrink.',
  'brokers.memoryWatermark':
    'Above it the broker holds publishers back. 60 % of `memory` unless stated; at most 70 %.',
  'brokers.diskFreeLimit':
    'With less free disk the broker holds publishers back. As much as `memory` unless stated; never below the watermark.',
  'quorumCluster.brokers': 'Number of brokers, named `broker-1` and so on.',
  'quorumCluster.metadataStore':
    'Where queues, users and policies are kept. Read at the first start of a broker only.',
  'quorumCluster.netTicktime':
    'Silence after which a node counts as down. The warren sets the same value, for its one node.',
  'quorumCluster.partitionHandling':
    'What a node does when the network splits. Only with `mnesia`, `pause_minority` there unless stated; refused with `khepri`.',
  'quorumCluster.weights': 'Share of new connections by broker name: 1 unless stated, 0 for none.',
  'mirroredCluster.brokers':
    'Number of brokers, named `rabbit-1` and so on. An odd number can decide by majority.',
  'mirroredCluster.ramNodes':
    'Brokers that keep queues, users and policies in memory only and fetch them from the others at their start. Settled when a broker joins.',
  'mirroredCluster.policy.pattern':
    'Queues whose name matches are mirrored, in every virtual host.',
  'mirroredCluster.policy.applyTo': 'What the pattern is matched with.',
  'mirroredCluster.policy.priority':
    'RabbitMQ applies one policy to a queue: of those that match, the one with the highest priority.',
  'mirroredCluster.policy.haMode':
    'Where the copies are: on all brokers, on a number of them, or on named ones.',
  'mirroredCluster.policy.haParams':
    'Copies, the master included, for `exactly` (the majority of the brokers unless stated); brokers for `nodes`; nothing for `all`.',
  'mirroredCluster.policy.haSyncMode':
    '`automatic`: a new mirror gets what the queue holds at once, and the queue stands still meanwhile. `manual`: it gets only what comes from then on.',
  'mirroredCluster.policy.haSyncBatchSize': 'Messages that are sent at once to a new mirror.',
  'mirroredCluster.policy.haPromoteOnFailure':
    'When the master is lost and no mirror is synchronised: `when-synced` waits for the master, `always` goes on without its messages.',
  'mirroredCluster.policy.haPromoteOnShutdown': 'The same when the master is stopped on purpose.',
  'mirroredCluster.masterLocator': 'Which broker leads a new queue.',
  'mirroredCluster.partitionHandling':
    'What a node does when the network splits: `pause_minority` with an odd number of brokers unless stated, `autoheal` with an even one, where `pause_minority` is refused.',
  'mirroredCluster.netTicktime': 'Silence after which a node counts as down.',
  'mirroredCluster.atenPollInterval':
    'How often quorum queues look for silent nodes; clients can ask for such queues here too.',
  'mirroredCluster.weights': 'As in `quorumCluster`.',
  'warren.metadataStore': 'As in `quorumCluster`.',
  'warren.failBack.delay':
    'The active broker must pass its checks for this long before clients go back to it.',
  'warren.failBack.drainInterval':
    'How often the active broker looks for messages left in the standby.',
  'warren.failBack.drainQuiet':
    'It drains only when the standby had no client connection for this long.',
  'warren.failBack.prefetch': 'Messages on their way at once while a queue is drained.',
  'drbdPacemaker.brokers':
    'Hosts that take turns at the broker: two, as DRBD 8.4 keeps a disk on two.',
  'drbdPacemaker.metadataStore': 'As in `quorumCluster`.',
  'drbdPacemaker.quorumDevice':
    'A third host, in a third zone, whose vote says which of two hosts that lost each other goes on. Without it (`two_node`) fencing alone decides.',
  'drbdPacemaker.fencing':
    'Whether a host that falls silent loses its power before the other one takes the broker over.',
  'drbdPacemaker.loseDataWithoutFencing':
    'Must be `true` where `fencing` is `false`: both hosts will write, and what one of them confirmed is lost.',
  'drbdPacemaker.virtualAddress':
    'Address of the broker, wherever it runs. Unless stated the twentieth of the front network, or `10.255.255.20` where it is an overlay on EC2. Brokers keep it for life.',
  'drbdPacemaker.token': 'Silence after which a host counts as lost (Corosync).',
  'drbdPacemaker.startTimeout':
    'For a start of the broker; one that takes longer is ended and counts as failed.',
  'drbdPacemaker.recheckInterval':
    'How often Pacemaker looks whether something is to be done that nobody told it of.',
  'tls.enabled':
    'AMQPS and HTTPS for clients, for the kit and between balancers and brokers. See [tls.md](tls.md).',
  'tls.plainListeners':
    'Whether the ports without TLS stay beside those with it: the step between no TLS and nothing but TLS.',
  'tls.betweenNodes':
    'TLS for the Erlang distribution and `rabbitmqctl` as well. Brokers keep it for life.',
  'tls.minVersion': 'Oldest version of TLS that is spoken.',
  'tls.names':
    'DNS names and addresses that clients use for the environment, beside those that the kit knows; certificates hold them.',
  'tls.authority.certificateFile':
    'Your own authority: its certificate, then those above it. The kit makes an authority unless stated. A relative path begins at the checkout.',
  'tls.authority.keyFile':
    'Its key. Without a file the Pulumi secret `rabbitmq-ha-kit:authorityKey`.',
  'tls.validity.authority': 'Life of an authority that the kit makes.',
  'tls.validity.certificates': 'Life of certificates; none outlives its authority.',
  'haproxyKeepalived.profile':
    'Named set of the defaults in this table; a field that is given overrides it. See [haproxy-keepalived.md](haproxy-keepalived.md).',
  'haproxyKeepalived.balance':
    'Which broker gets a new connection: in turn (`roundrobin`, `static-rr`), the one with the fewest, or by client address (`source`).',
  'haproxyKeepalived.healthCheck.interval':
    'Time between two checks of a broker in a settled state.',
  'haproxyKeepalived.healthCheck.fastInterval':
    'Time between checks while a state is in doubt; as `interval` unless stated, never longer.',
  'haproxyKeepalived.healthCheck.downInterval':
    'Time between checks of a broker that is down; as `interval` unless stated.',
  'haproxyKeepalived.healthCheck.rise': 'Checks in a row that bring a broker back.',
  'haproxyKeepalived.healthCheck.fall': 'Failed checks in a row that take a broker out.',
  'haproxyKeepalived.healthCheck.answer':
    'A check wants an HTTP answer from the management port as well as an open AMQP port: a stopped process still accepts connections.',
  'haproxyKeepalived.healthCheck.observe':
    'Failed connections of clients mark a broker down, without waiting for a check.',
  'haproxyKeepalived.healthCheck.errorLimit':
    'How many such failures in a row do; one alone may be a lost packet.',
  'haproxyKeepalived.healthCheck.cutSessionsOnDown':
    'Sessions to a broker that was marked down are cut, so that clients reconnect instead of waiting.',
  'haproxyKeepalived.maxConnections.process': 'Connections of one HAProxy in all.',
  'haproxyKeepalived.maxConnections.proxy':
    'Connections of each service (AMQP, management); at most `process`.',
  'haproxyKeepalived.maxConnections.server': 'Connections to one broker; 0 for no limit.',
  'haproxyKeepalived.timeouts.connect': 'For a connection to a broker.',
  'haproxyKeepalived.timeouts.client':
    'Silence of a client that ends its session; at least twice `rabbitmq.heartbeat`.',
  'haproxyKeepalived.timeouts.server':
    'Silence of a broker that ends a session; at least twice `rabbitmq.heartbeat`.',
  'haproxyKeepalived.timeouts.check':
    'For one health check; as the interval unless stated, never longer.',
  'haproxyKeepalived.timeouts.tcpUser':
    'Unacknowledged data ends a connection after this; `0s` leaves it to the kernel (many minutes).',
  'haproxyKeepalived.retries': 'Further tries of a connection that a broker did not take.',
  'haproxyKeepalived.redispatch':
    'From which retry on another broker is tried: 1 the first, -1 the last, 0 never.',
  'haproxyKeepalived.logging.format':
    '`connections` logs each connection, `events` only what went wrong and changes of state.',
  'haproxyKeepalived.logging.level': 'Least severe message that is logged.',
  'haproxyKeepalived.logging.ignoreEmpty': 'Connections without data are not logged.',
  'haproxyKeepalived.statistics.user': 'Login of the statistics page; its password is generated.',
  'haproxyKeepalived.statistics.port': 'Port of the page; not 5672 or 15672.',
  'haproxyKeepalived.statistics.path': 'Path of the page.',
  'haproxyKeepalived.statistics.refresh': 'How often the page reloads itself.',
  'haproxyKeepalived.virtualAddress':
    'The VIP. The tenth address of the front network unless stated; outside the range of the balancers.',
  'haproxyKeepalived.vrrp.version': 'VRRP version; the password exists in 2 only.',
  'haproxyKeepalived.vrrp.advertInterval':
    'Time between two signs of life of the holder: multiples of 10ms with version 3, of 1s with 2.',
  'haproxyKeepalived.vrrp.routerId': 'VRRP group; must be unique in its network.',
  'haproxyKeepalived.vrrp.preempt':
    'Whether `balancer-1` takes the VIP back when it returns. `false` spares clients the second move.',
  'haproxyKeepalived.vrrp.priorities.first': 'Priority of `balancer-1`; above the second.',
  'haproxyKeepalived.vrrp.priorities.second': 'Priority of `balancer-2`.',
  'haproxyKeepalived.vrrp.passwordAuthentication':
    'A generated password in each VRRP packet (version 2 only; sent in clear text by the protocol).',
  'haproxyKeepalived.vrrp.check.interval': 'Time between two checks of the own HAProxy.',
  'haproxyKeepalived.vrrp.check.timeout': 'For one such check; as `interval` unless stated.',
  'haproxyKeepalived.vrrp.check.rise': 'Passed checks that make a balancer fit to hold the VIP.',
  'haproxyKeepalived.vrrp.check.fall': 'Failed checks that make it unfit.',
  'haproxyKeepalived.vrrp.check.weight':
    'Added to the priority while the check passes; 0 makes a failure decide alone.',
  'haproxyKeepalived.vrrp.check.onFailure':
    '`fault` gives the VIP up. `restart-then-stop` starts HAProxy, and stops Keepalived when that did not help.',
  'haproxyKeepalived.balancers.memory': 'Planned memory of a balancer host.',
  'lvsKeepalived.profile':
    'Named set of the defaults in this table; a field that is given overrides it. See [lvs-keepalived.md](lvs-keepalived.md).',
  'lvsKeepalived.mode':
    'How a director passes packets on: `nat` rewrites their address, `tun` puts them into IP tunnels, `dr` gives them to the card of a broker of the same subnet. In `tun` and `dr` brokers answer clients directly.',
  'lvsKeepalived.sourceNat':
    'Of mode `nat`: brokers see the director as the client, so that their answers come back to it from anywhere. `true` unless stated; `false` needs `network.placement: flat`.',
  'lvsKeepalived.scheduler':
    'Which broker gets a new connection: in turn (`rr`), the one with the fewest (`lc`), both also by weight (`wrr`, `wlc`), or always the same for a client (`sh`).',
  'lvsKeepalived.persistenceTimeout':
    'New connections of a client go to its former broker for this long; `0s` leaves all to the scheduler.',
  'lvsKeepalived.idleTimeout':
    'A connection without a packet is forgotten after this; at least two heartbeats.',
  'lvsKeepalived.check.kind':
    'When a broker is fit: its port accepts and its management port answers (`http`), its port accepts (`tcp`), both by a program that verifies its certificate too (`script`), or its host answers (`ping`).',
  'lvsKeepalived.check.interval': 'Between two checks of a broker, of each port.',
  'lvsKeepalived.check.timeout': 'For one check.',
  'lvsKeepalived.check.retries': 'Further tries that must fail before a broker is out.',
  'lvsKeepalived.check.retryDelay': 'Before such a try.',
  'lvsKeepalived.sorryServer':
    'Server outside of the environment that gets clients, on the same ports, while no broker is fit. Only with source NAT.',
  'lvsKeepalived.synchronisation':
    'Directors tell each other of connections, so that these survive one. On unless stated wherever they can survive: on the rig, but not with source NAT.',
  'lvsKeepalived.virtualAddress':
    'The VIP. The tenth address of the front network unless stated; on aws with mechanism `secondary-ip` only.',
  'lvsKeepalived.gatewayAddress':
    'Of mode `nat` without source NAT: where brokers send answers to clients; it moves with the VIP. The eleventh address of the front network unless stated.',
  'lvsKeepalived.vrrp.version': 'VRRP version; the password exists in 2 only.',
  'lvsKeepalived.vrrp.advertInterval':
    'How often the VIP holder says so; three missed ones and a skew move the VIP. Emulated machines stall at times: not below 500ms on them.',
  'lvsKeepalived.vrrp.routerId':
    'VRRP group; must be unique in its network. The gateway address has the next number.',
  'lvsKeepalived.vrrp.preempt':
    'Whether `balancer-1` takes the VIP back when it returns. Clients are spared a move without it.',
  'lvsKeepalived.vrrp.priorities.first': 'Priority of `balancer-1`; above the second.',
  'lvsKeepalived.vrrp.priorities.second': 'Priority of `balancer-2`.',
  'lvsKeepalived.vrrp.passwordAuthentication':
    'A generated password between the directors, in clear text on the network; version 2 only.',
  'lvsKeepalived.balancers.memory': 'Planned memory of a director.',
  'lvsKeepalived.experimental':
    'Allows modes `tun` and `dr` on aws, where nobody vouches for them.',
  'external.healthCheck.interval':
    'What the output `balancer` asks of your balancer: time between two checks of a broker.',
  'external.healthCheck.timeout': 'For one check; at most `interval`.',
  'external.healthCheck.rise':
    'Passed checks in a row that bring a broker back; the active side of a warren needs more where `failBack.delay` is longer.',
  'external.healthCheck.fall': 'Failed checks in a row that take a broker out.',
  'rig.ports':
    'Loopback ports of this machine by what they lead to: `amqp`, `management`, `statistics`, or `amqp/broker-1` and so on with front ends `direct` and `external`. Chosen free and kept unless stated; a stated port that is taken is refused.',
  'rig.hostKind':
    'What hosts are on this machine: `auto` makes a container of each but those that need kernel modules which this kernel lacks; these are [virtual machines](machines.md).',
  'rig.cpus':
    'Processors of a host that is a virtual machine. A container has those of this machine.',
  'aws.region': 'Where the environment is. Required with target aws.',
  'aws.availabilityZones':
    'Availability zone by zone of `network.zones`; the region with the name of the zone at its end unless stated.',
  'aws.images.trixie':
    'Image of Debian 13, by id: a newer one replaces every host. `npm run images` finds and pins it.',
  'aws.images.bookworm': 'Image of Debian 12, for the brokers of `mirrored-cluster`.',
  'aws.goldenImage':
    'The images are your own and hold every package, so that hosts ask no mirror. `npm run images -- --golden` says what they must hold.',
  'aws.packages': 'Debian packages that every host gets besides.',
  'aws.instanceTypes.broker':
    'Its memory must hold `brokers.memory`. All types must be of one kind of processor, that of the images.',
  'aws.instanceTypes.balancer': 'For the hosts of `haproxy-keepalived` and `lvs-keepalived`.',
  'aws.instanceTypes.monitor': 'For the host of `monitoring`.',
  'aws.instanceTypes.quorum': 'For the quorum device of `drbd-pacemaker`.',
  'aws.instanceMemory': 'Memory of instance types that the kit does not know.',
  'aws.vpc.id':
    'A VPC of your own, whose network is `network.cidr`. The kit makes one unless stated.',
  'aws.vpc.subnets':
    'Its subnets by zone, and `front` or `public-<zone>` where the virtual address needs them; `network.subnets` says their networks.',
  'aws.vpc.routeTables':
    'Its route tables of all subnets whose hosts are to reach an overlay address.',
  'aws.vpc.endpoints':
    'Whether interface endpoints of the APIs are made; `present` where the VPC has them, or another way out.',
  'aws.nat':
    'How hosts reach the internet: not at all, which needs a golden image, by one gateway, or by one a zone. `one` unless stated; nothing in a VPC of your own.',
  'aws.virtualAddress.mechanism':
    'How the virtual address moves: by routes (`overlay`, across zones), as a further address in one subnet, or as an Elastic IP for clients on the internet.',
  'aws.virtualAddress.overlay': 'The overlay address, outside of the VPC.',
  'aws.secrets.parameters':
    'Parameters of Systems Manager that you made, by the name of the secret: then nothing of it is in the state.',
  'aws.access.method':
    'How people and the kit come to a shell. `session-manager` needs an image with its agent. No port is open to the world with any of them.',
  'aws.access.publicKey': 'An OpenSSH key for shells. A pair is made unless stated.',
  'aws.quotas.rulesPerGroup':
    'Rules that one security group may have in each direction; more where AWS has raised the quota of your account.',
  'aws.access.profile':
    "A profile of the AWS CLI (~/.aws/config) for the kit's way onto hosts, e.g. one that assumes a role of another account. Unless stated the CLI finds credentials by itself.",
  'aws.access.endpoint':
    'Whether an Instance Connect Endpoint is made. A VPC has room for one: `present` uses that of your own VPC.',
  'aws.access.endpointSubnet':
    'Of the endpoint that is present: the range of its subnet, from which hosts take logins. Its own security group must let port 22 out to the hosts.',
  'aws.testRig':
    '`npm run down` takes volumes and keys as well; of other stacks they stay until they are released by hand.',
  'aws.tags': 'Tags on everything, beside those of the kit.',
  'rabbitmq.heartbeat': 'AMQP heartbeat that brokers offer to clients.',
  'rabbitmq.users.administrator':
    'Name of the user for the management UI and API. Its password is generated.',
  'rabbitmq.users.application':
    'Name of the user for applications; another one than the administrator. Its password is generated.',
  'rabbitmq.backlog': 'Connections that wait to be accepted.',
  'rabbitmq.fileHandles': 'Limit of open files of a broker.',
  'rabbitmq.channelMax': 'Channels on one connection.',
  'rabbitmq.plugins': 'Plugins beside those that the kit needs.',
  'definitions.replace':
    'Whether queues and exchanges whose type or arguments changed are deleted and made anew, if nothing is lost by that.',
  'definitions.users.*.tags': 'What it may do in the management pages.',
  'definitions.users.*.password':
    'Where its password comes from: `given` is a secret of the stack. Never the password itself.',
  'definitions.vhosts.*.description': 'For people.',
  'definitions.vhosts.*.defaultQueueType':
    'Type of queues that name none: of the config, and of clients. `quorum` unless stated, except with RabbitMQ 3.10.',
  'definitions.vhosts.*.limits.maxConnections': 'Connections to the vhost at once.',
  'definitions.vhosts.*.limits.maxQueues': 'Queues in the vhost.',
  'definitions.vhosts.*.permissions.*.configure':
    'Names of what the user may declare and delete, as a regular expression. Nothing unless stated.',
  'definitions.vhosts.*.permissions.*.write':
    'Exchanges that it may publish to, and queues it may bind.',
  'definitions.vhosts.*.permissions.*.read':
    'Queues that it may consume, and exchanges it may bind to.',
  'definitions.vhosts.*.topicPermissions.*.*.write':
    'By user and topic exchange: routing keys that it may publish with.',
  'definitions.vhosts.*.topicPermissions.*.*.read': 'Routing keys that it may bind with.',
  'definitions.vhosts.*.exchanges.*.type':
    'Those with `x-` come with a plug-in, but for `x-local-random`.',
  'definitions.vhosts.*.exchanges.*.internal': 'Takes messages from other exchanges only.',
  'definitions.vhosts.*.exchanges.*.arguments': 'See [definitions.md](definitions.md#settings).',
  'definitions.vhosts.*.queues.*.type': "The vhost's default type unless stated.",
  'definitions.vhosts.*.queues.*.arguments':
    'What the queue keeps for life; what may change belongs in a policy. See [definitions.md](definitions.md#settings).',
  'definitions.vhosts.*.bindings.*.source': 'Exchange that messages come from.',
  'definitions.vhosts.*.bindings.*.queue': 'Where they go: either a queue',
  'definitions.vhosts.*.bindings.*.exchange': 'or another exchange.',
  'definitions.vhosts.*.bindings.*.routingKey':
    'Which messages, as the type of the source reads it.',
  'definitions.vhosts.*.bindings.*.arguments': 'Of a headers exchange: headers, and `x-match`.',
  'definitions.vhosts.*.policies.*.pattern': 'Names that it is for, as a regular expression.',
  'definitions.vhosts.*.policies.*.applyTo': 'What it is for.',
  'definitions.vhosts.*.policies.*.priority':
    'Of several that match one, the highest counts alone.',
  'definitions.vhosts.*.policies.*.definition': 'See [definitions.md](definitions.md#settings).',
  'definitions.vhosts.*.operatorPolicies.*.pattern': 'As of a policy.',
  'definitions.vhosts.*.operatorPolicies.*.applyTo': 'Queues only.',
  'definitions.vhosts.*.operatorPolicies.*.priority': 'As of a policy.',
  'definitions.vhosts.*.operatorPolicies.*.definition':
    'Laid over policies and arguments; of two numbers the lower one counts.',
  'monitoring.enabled':
    'Metrics of every host, and a host `monitor` with Prometheus, alert rules and a page. See [monitoring.md](monitoring.md).',
  'monitoring.interval': 'How often every host is asked, and the alert rules are looked at.',
  'monitoring.alertDelay':
    'How long a symptom must last before it is an alert; warnings that may pass by themselves take five times as long.',
  'monitoring.unacknowledgedLimit':
    'Messages on one broker that consumers hold without an answer, above which there is a warning.',
  'monitoring.retention': 'How long metrics are kept.',
  'monitoring.memory': 'Planned memory of the host `monitor`.',
  'monitoring.disk': 'Size of its data volume.',
};
