import { brokerPorts } from '../../plan/ports.ts';
import type { Channel, LiveHost } from '../channel.ts';
import { runOrFail } from '../run-or-fail.ts';

/**
 * The last look at what leaving brokers hold is worth nothing while a client can still publish to them:
 * before brokers without balancers stands nobody who leads clients away. RabbitMQ could suspend its
 * listeners, but the successors' shovels come in by the same ones: the firewall tells them apart.
 */
const table = 'inet rabbitmq-ha-kit-leaving';
const ports = [
  brokerPorts.amqp,
  brokerPorts.amqps,
  brokerPorts.management,
  brokerPorts.managementTls,
];
/**
 * The kernel opens them by itself after this time, should the kit not come to do it: longer than the
 * longest single step that is done behind them.
 */
const closedFor = '20m';

/** Lets nobody in but the host itself and the successors, from now on; said again it begins anew. */
export async function closeDoors(
  channel: Channel,
  host: string,
  successors: readonly LiveHost[],
): Promise<void> {
  const rules = [
    `add table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    '  set closed {',
    '    type inet_service; flags timeout;',
    `    elements = { ${ports.map((port) => `${port} timeout ${closedFor}`).join(', ')} }`,
    '  }',
    '  chain input {',
    '    type filter hook input priority filter - 1; policy accept;',
    '    iifname "lo" accept',
    `    ip saddr { ${successors.map(({ address }) => address).join(', ')} } accept`,
    '    tcp dport @closed reject with tcp reset',
    '  }',
    '}',
  ];
  await runOrFail(channel, host, ['nft', rules.join('\n')]);
}

/** The way back; nothing where they are open. */
export async function openDoors(channel: Channel, host: string): Promise<void> {
  await runOrFail(channel, host, ['nft', `add table ${table}\ndelete table ${table}`]);
}
