import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { firstBootWentWell } from '../../infra/rig-provider/configuration/apply.ts';
import { type HostRecord, readHostRecord } from '../../infra/rig-provider/host-record.ts';
import { ensureImage } from '../../infra/rig-provider/images/index.ts';
import { machine } from '../../infra/rig-provider/machines/machine.ts';
import { macAddress, machineId } from '../../infra/rig-provider/names.ts';
import { leftovers, sweep } from '../../infra/rig-provider/remains.ts';
import { host } from '../../infra/rig-provider/resources/host.ts';
import { network } from '../../infra/rig-provider/resources/network.ts';
import { volume } from '../../infra/rig-provider/resources/volume.ts';
import { claimStack } from '../../infra/rig-provider/stacks/registry.ts';
import { doneWhen, waitFor } from '../../infra/wait.ts';
import { figure } from '../lib/rig/environments.ts';

const stack = 'test-machine';
const name = 'lone-1';
const zone = { name: 'zone-a', zone: 'a', cidr: '10.88.16.0/20', gateway: '10.88.16.1' };
const inputs = {
  stack,
  name,
  fqdn: `${name}.${stack}.internal`,
  kind: 'machine' as const,
  network: zone.name,
  zone: 'a',
  address: '10.88.20.11',
  prefixLength: 20,
  gateway: zone.gateway,
  volumes: [{ name: 'lone-1-data', mount: '/var/lib/rabbitmq' }],
  memoryMiB: 512,
  cpus: 1,
  labels: {},
  userData: '#cloud-config\nruncmd: [[touch, /srv/first-boot]]\n',
  secrets: { 'erlang-cookie': 'first' },
};
const secret = '/run/rabbitmq-ha-kit/secrets/erlang-cookie';

let made: Awaited<ReturnType<typeof host.create>>;
let record: HostRecord;
let image: string;

/** Standard output of a command on the machine. @throws when it fails */
async function run(script: string, at = name): Promise<string> {
  const { code, stdout, stderr } = await machine.exec({ stack, name: at }, ['sh', '-c', script], {
    timeoutMs: 120_000,
  });
  if (code !== 0) throw new Error(`${script}: exit ${code}: ${stderr}`);
  return stdout.trim();
}

beforeAll(async () => {
  image = (await ensureImage('trixie-machine', () => undefined)).rootfs;
  claimStack(stack);
  await network.create({ stack, networks: [zone], forwards: [] }, 'network');
  await volume.create({ stack, name: 'lone-1-data', sizeGiB: 0.25 }, 'data');
  const start = performance.now();
  made = await host.create({ ...inputs, image }, name);
  figure('machine takes commands, ms', performance.now() - start);
  const found = readHostRecord(stack, name);
  if (found === undefined) throw new Error(`${name} has no record`);
  record = found;
  await firstBootWentWell(record);
  figure(`first boot of a ${machine.describe(record)}, ms`, performance.now() - start);
}, 900_000);

afterAll(async () => {
  await sweep(stack);
  expect(await leftovers(stack)).toEqual([]);
}, 60_000);

test('a machine boots its own kernel, with address, volume, secrets and seed of the plan', async () => {
  expect(await run('hostname; ip -4 -br addr show scope global')).toMatch(
    /^lone-1\neth0\s+UP\s+10\.88\.20\.11\/20$/,
  );
  expect(await run('ip route show default; ls /sys/class/net')).toBe(
    'default via 10.88.16.1 dev eth0 \neth0\nlo',
  );
  // What containers of this machine may lack, and machines are for; it may bring interfaces along.
  await run('modprobe -a ip_vs ipip drbd sch_netem && test -e /proc/net/ip_vs');
  expect(await run('findmnt -no FSTYPE,SOURCE /var/lib/rabbitmq')).toMatch(/^ext4\s+\/dev\/vd/);
  expect(await run(`stat -c '%a %U' ${secret}; cat ${secret}`)).toBe('400 root\nfirst');
  await expect(run(`touch ${secret}-2`)).rejects.toThrow('Read-only file system');
  expect(await run('stat -c %U /var/lib/rabbitmq; ls /srv')).toBe('rabbitmq\nfirst-boot');
});

test('two machines that go on from one saved state are two hosts', async () => {
  const saved = readdirSync(join(dirname(image), 'templates'));
  expect(saved).toContainEqual(expect.stringMatching(/^512M-1-/));
  const other = { name: 'lone-2', address: '10.88.20.12', volumes: [] };
  const start = performance.now();
  await host.create({ ...inputs, ...other, fqdn: `lone-2.${stack}.internal`, image }, other.name);
  figure('second machine takes commands, ms', performance.now() - start);
  const facts = 'cat /etc/machine-id /sys/class/net/eth0/address /proc/sys/kernel/random/boot_id';
  const own = (await run(facts)).split('\n');
  const others = (await run(facts, other.name)).split('\n');
  expect(own.slice(0, 2)).toEqual([machineId(stack, name), macAddress(stack, name)]);
  expect(others.filter((fact) => own.includes(fact))).toEqual([]);
  await run(`ping -q -c 1 -W 20 ${inputs.address}`, other.name);
  await machine.stop({ stack, name: other.name });
});

test('its clock is right and its log is whole, although both stood still', async () => {
  expect(Math.abs(Number(await run('date +%s')) - Date.now() / 1000)).toBeLessThan(10);
  expect(await run('journalctl -q -u cloud-final -o short-unix | tail -n 1')).toMatch(/^\d{10}/);
});

test("a cut of the host's own network leaves the rig its way in", async () => {
  await run('ip link set eth0 down');
  expect(await run('cat /sys/class/net/eth0/operstate')).toBe('down');
  await run('ip link set eth0 up && ip route replace default via 10.88.16.1');
});

test('a reboot from inside brings everything back, with secrets as they were replaced', async () => {
  await machine.replaceSecrets(record, { 'erlang-cookie': 'second' });
  expect(await run(`cat ${secret}`)).toBe('second');
  const boot = 'cat /proc/sys/kernel/random/boot_id';
  const before = await run(boot);
  await run('rm /srv/first-boot');
  const reboot = 'systemctl start --no-block --job-mode=replace-irreversibly reboot.target';
  // Which may end the connection before the command.
  await run(reboot).catch(() => undefined);
  const again = async () => {
    if ((await run(boot)) === before) return { seen: 'it has not rebooted' };
    // The way in is open long before that.
    const state = await run('systemctl is-system-running || true');
    return doneWhen(state === 'running', `systemd is ${state}`);
  };
  await waitFor(again, { subject: 'a reboot', deadlineMs: 400_000, intervalMs: 1_000 });
  // cloud-init has had its turn with this life.
  expect(await run(`systemctl is-active rig-identity; cat ${secret}; ls /srv`)).toBe(
    'active\nsecond',
  );
  expect(await run('ip -4 -br addr show eth0')).toContain('10.88.20.11/20');
}, 900_000);

test('a power cut takes what no flush had written; what one had is there after the heal', async () => {
  const files = '/srv/$each /var/lib/rabbitmq/$each';
  await run(`for each in kept; do echo kept | tee ${files} > /dev/null; done; sync`);
  await run(`for each in lost; do echo lost | tee ${files} > /dev/null; done`);
  // Its own kernel does it: the rig's connection, which nobody has closed, lives on for half a minute.
  await run(`setsid sh -c 'sleep 1; echo o > /proc/sysrq-trigger' > /dev/null 2>&1 &`);
  const off = async () => {
    const read = await host.read(made.id, made.state);
    return read?.state === 'stopped' ? { done: true as const, value: read } : { seen: 'it runs' };
  };
  const read = await waitFor(off, {
    subject: `${name} to be off`,
    ...{ deadlineMs: 15_000, intervalMs: 200 },
  });
  const healed = await host.update(made.id, read, { ...inputs, image });
  expect(healed.state).toBe('running');
  const contents = 'cat /srv/kept /var/lib/rabbitmq/kept; cat /srv/lost /var/lib/rabbitmq/lost';
  expect(await run(`${contents} 2> /dev/null || :`)).toBe('kept\nkept');
}, 900_000);

test('its size is for life: more memory makes another host', () => {
  const diff = host.diff(made.id, made.state, { ...inputs, image, memoryMiB: 640 });
  expect(diff).toMatchObject({ replaces: ['memoryMiB'] });
});
