import { afterEach, beforeEach, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const status = 'usr/local/sbin/balancer-status';
const metrics = 'usr/local/lib/rabbitmq-ha-kit/director-metrics';
let host: HostRoot;

/** As `ipvsadm --list --numeric` prints it: broker-2 has failed its AMQP check, nothing serves management. */
const table = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
TCP  10.77.0.10:5672 wlc persistent 300
  -> 10.77.4.11:5672              Route   1      7          2
TCP  10.77.0.10:15672 wlc
`;

beforeEach(() => {
  host = new HostRoot();
  host.program(`director/${status}`);
  host.program(`director/${metrics}`);
  host.put(
    'etc/rabbitmq-ha-kit/balancer.env',
    `VIRTUAL_ADDRESS=10.77.0.10
PORTS='amqp=5672 management=15672'
SERVERS='broker-1=10.77.4.11 broker-2=10.77.4.12'
`,
  );
  host.put('table', table);
  host.fake('ipvsadm', 'cat "$ROOT/table"');
  host.fake('ip', 'cat "$ROOT/addresses"');
  host.fake('systemctl', 'echo inactive; exit 3');
  host.fake('balancer-status', `exec "$ROOT/${status}"`);
  host.put('addresses', '');
});
afterEach(() => {
  host.remove();
});

const printed = (program: string): string => {
  const { code, stdout, stderr } = host.run(program);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

it('a broker that the kernel has no connections for counts as down, for each service alone', () => {
  expect(JSON.parse(printed(status))).toEqual({
    vip: false,
    keepalived: 'inactive',
    servers: [
      { backend: 'amqp', server: 'broker-1', state: 'UP', sessions: 7 },
      { backend: 'amqp', server: 'broker-2', state: 'DOWN', sessions: 0 },
      { backend: 'management', server: 'broker-1', state: 'DOWN', sessions: 0 },
      { backend: 'management', server: 'broker-2', state: 'DOWN', sessions: 0 },
    ],
  });
});

it('holds the virtual address while an interface has it', () => {
  host.put('addresses', '2: eth0    inet 10.77.0.10/32 scope global eth0');
  expect(JSON.parse(printed(status))).toMatchObject({ vip: true });
});

it('the monitor gets one line for each broker and figure', () => {
  expect(printed(metrics).split('\n').slice(0, 4)).toEqual([
    'rabbitmq_ha_kit_real_server_up{service="amqp",server="broker-1"} 1',
    'rabbitmq_ha_kit_real_server_connections{service="amqp",server="broker-1"} 7',
    'rabbitmq_ha_kit_real_server_up{service="amqp",server="broker-2"} 0',
    'rabbitmq_ha_kit_real_server_connections{service="amqp",server="broker-2"} 0',
  ]);
});

it('fails with a kernel that does not answer, instead of saying that nothing is there', () => {
  host.fake('ipvsadm', 'echo "no IPVS in this kernel" >&2; exit 255');
  expect(host.run(status)).toMatchObject({ stdout: '' });
  expect(host.run(status).code).not.toBe(0);
});
