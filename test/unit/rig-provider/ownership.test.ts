import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

// Read when the modules are loaded.
const scratch = mkdtempSync(join(tmpdir(), 'rig-ownership-'));
vi.stubEnv('RABBITMQ_HA_KIT_DISKS', join(scratch, 'disks'));
vi.stubEnv('RABBITMQ_HA_KIT_RUN', join(scratch, 'run'));
vi.stubEnv('RABBITMQ_HA_KIT_REGISTRY', join(scratch, 'registry'));
// Where mkfs is; the PATH of users other than root may lack it.
vi.stubEnv('PATH', `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`);
const { provider } = await import('../../../infra/rig-provider/provider.ts');
const { hostRecord, readHostRecord, writeHostRecord } =
  await import('../../../infra/rig-provider/host-record.ts');
const { must } = await import('../../../infra/rig-provider/exec.ts');
const { volumeFile, stackDisks } = await import('../../../infra/rig-provider/names.ts');
const { sweep } = await import('../../../infra/rig-provider/remains.ts');
const { markUsed, usedVolumes } = await import('../../../infra/rig-provider/volumes/use.ts');
const { writeNetworkRecord } = await import('../../../infra/rig-provider/network/records.ts');

const stack = 'unit-ownership';
const urnOf = (type: string, name: string): string =>
  `urn:pulumi:${stack}::rabbitmq-ha-kit::rig:index:${type}::${name}`;
const refusal = /is on this machine, but the Pulumi state in use does not know it.*fix: use the/;

afterEach(() => {
  rmSync(stackDisks(stack), { recursive: true, force: true });
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const createVolume = async (sizeGiB: number): Promise<unknown> =>
  provider.create(urnOf('Volume', 'data'), { stack, name: 'data', sizeGiB });

describe('a volume', () => {
  const file = volumeFile(stack, 'data');

  it('that no host has had is taken over from a create that was cut off', async () => {
    await createVolume(0.1);
    const before = statSync(file).ino;
    await createVolume(0.1);
    expect(statSync(file).ino).toBe(before);
    await createVolume(0.2);
    expect(statSync(file).size).toBe(205 * 1024 ** 2);
    expect(usedVolumes(stack)).toEqual([]);
  });

  it('that a host has had is not made anew, and stays as it is', async () => {
    await createVolume(0.1);
    markUsed(stack, 'data');
    expect(usedVolumes(stack)).toEqual([file]);
    const before = readFileSync(file).subarray(0, 65_536);
    await expect(createVolume(0.1)).rejects.toThrow(refusal);
    await expect(createVolume(0.2)).rejects.toThrow(refusal);
    expect(readFileSync(file).subarray(0, 65_536).equals(before)).toBe(true);
  });

  it('counts as used when nothing tells', async () => {
    mkdirSync(join(stackDisks(stack), 'volumes'), { recursive: true });
    writeFileSync(file, 'from an earlier version of the kit');
    await expect(createVolume(0.1)).rejects.toThrow(refusal);
  });

  it('that would shrink is refused before anything changes', async () => {
    await createVolume(0.5);
    const olds = { stack, name: 'data', sizeGiB: 0.5 };
    const check = async (sizeGiB: number): Promise<string[]> => {
      const news = { ...olds, sizeGiB };
      const result = await provider.check(urnOf('Volume', 'data'), olds, news);
      return (result.failures ?? []).map(({ reason }) => reason);
    };
    expect(await check(0.25)).toEqual([
      expect.stringMatching(/cannot shrink: 0.25 GiB; allowed: 0.5 GiB or more; fix: /),
    ]);
    expect(await check(0.5)).toEqual([]);
    expect(await check(0.75)).toEqual([]);
  });

  it('without a file system keeps its size: what lies on it is as large on another host', async () => {
    await createVolume(0.5);
    const olds = { stack, name: 'data', sizeGiB: 0.5, format: 'none' };
    const check = async (sizeGiB: number): Promise<string[]> => {
      const result = await provider.check(urnOf('Volume', 'data'), olds, { ...olds, sizeGiB });
      return (result.failures ?? []).map(({ reason }) => reason);
    };
    expect(await check(0.5)).toEqual([]);
    expect(await check(0.75)).toEqual([
      expect.stringMatching(/keeps its size: .*: 0.75 GiB; allowed: 0.5 GiB; fix: /),
    ]);
  });

  it('grows with its file system, also when it was cut off half-way', async () => {
    await createVolume(0.125);
    writeFileSync(`${file}.growing`, '');
    truncateSync(file, 0.25 * 1024 ** 3);
    const state = { stack, name: 'data', sizeGiB: 0.125 };
    const next = { ...state, sizeGiB: 0.25 };
    const urn = urnOf('Volume', 'data');
    expect(await provider.diff('id', urn, state, next)).toMatchObject({ changes: true });
    await provider.update('id', urn, state, next);
    expect(await provider.diff('id', urn, next, next)).toMatchObject({ changes: false });
    const about = await must(['dumpe2fs', '-h', file]);
    const number = (what: string): number =>
      Number(new RegExp(`^${what}: +(\\d+)$`, 'm').exec(about)?.[1]);
    expect(number('Block count') * number('Block size')).toBe(0.25 * 1024 ** 3);
  });

  it('with data survives a sweep that is to keep it', async () => {
    await createVolume(0.1);
    markUsed(stack, 'data');
    await expect(sweep(stack, 'keep')).rejects.toThrow('does not know it');
    expect(statSync(file).isFile()).toBe(true);
  });
});

const facts = {
  ...{ stack, name: 'broker-1', fqdn: 'broker-1.test', kind: 'container', image: '/image' },
  ...{ network: 'zone-a', zone: 'a', address: '10.0.0.2', prefixLength: 24, gateway: '10.0.0.1' },
  ...{ volumes: [], memoryMiB: 512, labels: {} },
};

describe('a host that another state knows', () => {
  const live = hostRecord.parse({ ...facts, id: 'broker-1-a', bootedFiles: 'x' });

  it('is not made anew', async () => {
    writeHostRecord(live);
    const inputs = { ...facts, userData: '#cloud-config', secrets: {} };
    await expect(provider.create(urnOf('Host', 'broker-1'), inputs)).rejects.toThrow(refusal);
    expect(readHostRecord(stack, 'broker-1')).toEqual(live);
  });

  it('keeps its network', async () => {
    writeHostRecord(live);
    writeNetworkRecord(stack, { networks: [], forwards: [], forwarder: undefined });
    const networks = [{ name: 'zone-a', cidr: '10.0.0.0/24', gateway: '10.0.0.1' }];
    const inputs = { stack, networks, forwards: [] };
    await expect(provider.create(urnOf('Network', 'network'), inputs)).rejects.toThrow(refusal);
  });

  it('is one whose configuration came with the id that the state has', async () => {
    writeHostRecord({ ...live, known: false });
    const { filesDigest } = await import('../../../infra/rig-provider/configuration/digest.ts');
    writeHostRecord({ ...live, known: false, bootedFiles: filesDigest([]) });
    const inputs = { stack, host: 'broker-1', hostId: live.id, files: [] };
    await provider.create(urnOf('Configuration', 'broker-1'), inputs);
    expect(readHostRecord(stack, 'broker-1')?.known).toBe(true);
  });
});
