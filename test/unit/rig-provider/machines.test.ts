import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { UserError } from '../../../infra/errors.ts';
import { must } from '../../../infra/rig-provider/exec.ts';
import type { HostRecord } from '../../../infra/rig-provider/host-record.ts';
import { boardCommand, boardOf, qemuCommand } from '../../../infra/rig-provider/machines/qemu.ts';
import { requireMachineTools } from '../../../infra/rig-provider/machines/requirements.ts';
import { sshCommand } from '../../../infra/rig-provider/machines/ssh.ts';
import { macAddress } from '../../../infra/rig-provider/names.ts';

const host: HostRecord = {
  stack: 'trial',
  name: 'broker-1',
  fqdn: 'broker-1.trial.internal',
  kind: 'machine',
  image: '/cache/trixie-machine-1/machine',
  network: 'zone-a',
  zone: 'a',
  address: '10.77.20.11',
  prefixLength: 20,
  gateway: '10.77.16.1',
  volumes: [
    { name: 'broker-1-data', mount: '/var/lib/rabbitmq' },
    { name: 'broker-1-more', mount: '/srv/a,b' },
  ],
  memoryMiB: 1024,
  cpus: 2,
  labels: {},
  id: 'broker-1-00',
  bootedFiles: '',
  unsettledFiles: [],
  known: true,
};

/** Values of an option, in the order of the command. */
const valuesOf = (argv: readonly string[], option: string): string[] =>
  argv.flatMap((word, index) => (word === option ? [argv[index + 1] ?? ''] : []));

/** File of the system's own disk. */
const valueOfFile = (argv: readonly string[]): string =>
  /file=([^,]*)/.exec(valuesOf(argv, '-drive')[0] ?? '')?.[1] ?? '';

describe('the command that boots a machine', () => {
  const argv = qemuCommand(host, 'tcg');

  it('gives it the size that its record states', () => {
    expect(valuesOf(argv, '-m')).toEqual(['1024']);
    expect(valuesOf(argv, '-smp')).toEqual(['2']);
    const larger = qemuCommand({ ...host, memoryMiB: 2048, cpus: 4 }, 'tcg');
    expect([valuesOf(larger, '-m'), valuesOf(larger, '-smp')]).toEqual([['2048'], ['4']]);
  });

  it('emulates a processor that Debian kernels survive on, and takes the real one with KVM', () => {
    expect(valuesOf(argv, '-cpu')).toEqual(['qemu64,-cx16,-svm']);
    expect(valuesOf(argv, '-accel')[0]).toMatch(/^tcg,/);
    const fast = qemuCommand(host, 'kvm');
    expect([valuesOf(fast, '-accel'), valuesOf(fast, '-cpu')]).toEqual([['kvm'], ['host']]);
  });

  it('has programs at fixed addresses where each start would be translated anew, and there only', () => {
    const wordsOf = (command: string[]): string[] =>
      valuesOf(command, '-append')[0]?.split(' ') ?? [];
    expect(wordsOf(argv)).toContain('norandmaps');
    expect(wordsOf(qemuCommand(host, 'kvm'))).not.toContain('norandmaps');
  });

  it('gives every disk a serial number of its own, in the order of the volumes', () => {
    const serials = valuesOf(argv, '-device').flatMap(
      (each) => /serial=([^,]*)/.exec(each)?.[1] ?? [],
    );
    expect(serials).toEqual(['root', 'rig', 'volume-0', 'volume-1']);
    const files = valuesOf(argv, '-drive').map((drive) => /file=([^,]*)/.exec(drive)?.[1]);
    expect(files[2]).toMatch(/broker-1-data\.ext4$/);
  });

  it('is for a saved state the same machine with devices of its own beside it', () => {
    const board = boardCommand(boardOf(host), 'tcg', valueOfFile(argv));
    expect(argv.slice(0, board.length)).toEqual(board);
    expect(valuesOf(board, '-netdev')).toEqual([]);
    expect(board.join(' ')).not.toMatch(/mac=|broker-1-data|identity/);
    const resumed = qemuCommand(host, 'tcg', 'state');
    expect(resumed.slice(0, argv.length)).toEqual(argv);
    expect(resumed.slice(argv.length)).toEqual(['-incoming', 'fd:3']);
  });

  it('puts each device into a slot of its own that a board has, the disk of the system first', () => {
    const devices = valuesOf(qemuCommand({ ...host, fences: true }, 'tcg'), '-device');
    const onBoard = devices.filter((device) => !device.startsWith('virtserialport'));
    const taken = onBoard.map((device) => Number(/addr=(0x[0-9a-f]+)/.exec(device)?.[1]));
    expect(new Set(taken).size).toBe(onBoard.length);
    for (const slot of taken) expect(slot).toBeLessThan(32);
    const disks = devices.filter((device) => device.startsWith('virtio-blk'));
    expect(disks[0]).toContain('drive=root');
  });

  it('writes through no cache of qemu, and shares nothing but the identity', () => {
    const drives = valuesOf(argv, '-drive');
    const readOnly = drives.filter((drive) => drive.includes('readonly=on'));
    expect(readOnly).toEqual(['if=none,id=rig,file=identity/disk,format=raw,readonly=on']);
    for (const drive of drives.filter((each) => !readOnly.includes(each))) {
      expect(drive).toContain('cache=writeback');
    }
  });

  it("has the host's address on the first card and nothing of the machine's own network", () => {
    const cards = valuesOf(argv, '-device').filter((device) => device.startsWith('virtio-net'));
    expect(cards[0]).toContain(`mac=${macAddress('trial', 'broker-1')},addr=0x4`);
    const backs = valuesOf(argv, '-netdev');
    expect(backs.map((back) => back.split(',')[0])).toEqual(['tap', 'tap']);
  });
});

describe('a machine host where its programs are missing', () => {
  it('is refused before anything changes, with what is missing and the way to it', () => {
    const empty = mkdtempSync(join(tmpdir(), 'rig-path-'));
    vi.stubEnv('PATH', empty);
    try {
      expect(requireMachineTools).toThrow('need: qemu-system-x86_64, qemu-img, ssh');
      expect(requireMachineTools).toThrow(UserError);
      for (const tool of ['ssh', 'qemu-img']) writeFileSync(join(empty, tool), '', { mode: 0o755 });
      expect(requireMachineTools).toThrow(/need: qemu-system-x86_64$/m);
    } finally {
      vi.unstubAllEnvs();
      rmSync(empty, { recursive: true });
    }
  });
});

describe('a command on a machine', () => {
  it('reaches it whole, whatever is in its words', async () => {
    const words = ['sh', '-c', 'printf "%s|" "$HOME" "$@"; pwd', 'sh', "it's", 'a b\n*$(id)', ''];
    const remote = sshCommand(host, words).at(-1) ?? '';
    // The login's shell on the other side has nothing but this text.
    expect(await must(['bash', '-c', remote])).toBe("/root|it's|a b\n*$(id)||/\n");
  });

  it('ends itself soon after its deadline, and only then', () => {
    expect(sshCommand(host, ['true'], { timeoutMs: 1_500 }).at(-1)).toContain(
      "'timeout' '-k' '5' '4' 'true'",
    );
    expect(sshCommand(host, ['true']).at(-1)).not.toContain('timeout');
  });
});

describe("the disk with a machine's identity", () => {
  const script = join(import.meta.dirname, '../../../infra/rig-provider/machines/identity.sh');
  const items = (secret: string): string =>
    [
      'host HOST broker-1',
      'host ADDRESS 10.77.20.11/20',
      'volume volume-0 /var/lib/rabbitmq',
      `secret erlang-cookie ${Buffer.from(secret).toString('base64')}`,
      '',
    ].join('\n');

  it('holds what it was given, is written in place, and keeps its size', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rig-identity-'));
    try {
      const seed = join(folder, 'seed');
      mkdirSync(seed);
      writeFileSync(join(seed, 'user-data'), '#cloud-config\n');
      const write = (secret: string): Promise<string> =>
        must(['sh', script, folder, seed], { input: items(secret) });
      const disk = join(folder, 'disk');
      const read = (file: string): Promise<string> => must(['tar', '-xOf', disk, `./${file}`]);

      await write('first');
      const before = statSync(disk);
      expect(await read('host.env')).toBe('HOST=broker-1\nADDRESS=10.77.20.11/20\n');
      expect((await read('entropy')).length).toBeGreaterThan(100);
      expect(await read('volumes')).toBe('volume-0 /var/lib/rabbitmq\n');
      expect(await read('seed/user-data')).toBe('#cloud-config\n');
      expect(await read('secrets/erlang-cookie')).toBe('first');

      await write('second');
      const after = statSync(disk);
      expect([after.ino, after.size]).toEqual([before.ino, before.size]);
      expect(await read('secrets/erlang-cookie')).toBe('second');
      expect(readFileSync(disk).includes('first')).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused where it would be too large', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rig-identity-'));
    try {
      const seed = join(folder, 'seed');
      mkdirSync(seed);
      writeFileSync(join(seed, 'user-data'), Buffer.alloc(9 * 1024 * 1024, 'x'));
      await expect(must(['sh', script, folder, seed], { input: '' })).rejects.toThrow(
        'take more than 8388608 bytes',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
