import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { awsChannel } from '../../../infra/channels/aws/channel.ts';
import { runtimeFolder } from '../../../infra/channels/aws/runtime-folder.ts';
import { instanceTags } from '../../../infra/channels/aws/tags.ts';
import type { UserError } from '../../../infra/errors.ts';
import { FakePrograms, instance } from './fake-programs.ts';

const description = {
  kind: 'aws',
  stack: 'mq',
  region: 'eu-central-1',
  method: 'instance-connect',
} as const;

let fake: FakePrograms;

beforeEach(() => {
  fake = new FakePrograms();
  fake.instances(instance('i-1', 'broker-1'), instance('i-2', 'broker-2', { state: 'stopped' }));
});
afterEach(() => {
  fake[Symbol.dispose]();
});

const partsOf = async (work: Promise<unknown>): Promise<UserError['parts']> =>
  work.then(
    () => ({ what: 'nothing was thrown' }),
    (error: unknown) => (error as UserError).parts,
  );

describe('hosts', () => {
  it('are the instances with the tags of the stack, by one call of the API', async () => {
    const broker = {
      zone: 'a',
      address: '10.0.0.11',
      labels: { roles: 'broker', topology: 'quorum-cluster' },
    };
    const madeOf = { image: 'ami-1', type: 'm7g.large', key: 'mq-operators', userData: 'abc' };
    expect(await awsChannel(description).hosts()).toEqual([
      { id: 'i-1', name: 'broker-1', state: 'running', ...broker, madeOf },
      { id: 'i-2', name: 'broker-2', state: 'stopped', ...broker, madeOf },
    ]);
    expect(fake.log('aws')).toEqual([
      'ec2 describe-instances --filters Name=tag:rabbitmq-ha-kit:stack,Values=mq ' +
        'Name=instance-state-name,Values=pending,running,stopping,stopped --region eu-central-1',
    ]);
  });

  it('carry tags that instance metadata can show, from which they are read back', async () => {
    const host = {
      name: 'balancer-1',
      zone: 'b',
      roles: ['balancer'],
      labels: { frontEnd: 'haproxy-keepalived' },
    } as const;
    const tags = instanceTags('mq', host, { userData: 'digest', rootGiB: 8 });
    for (const key of Object.keys(tags)) expect(key).toMatch(/^[A-Za-z0-9+\-=.,_:@]+$/);
    fake.instances(instance('i-3', '', { tags }));
    expect(await awsChannel(description).hosts()).toMatchObject([
      { name: 'balancer-1', zone: 'b', labels: { roles: 'balancer', ...host.labels } },
    ]);
    expect(await awsChannel(description).hosts()).toMatchObject([{ madeOf: { rootDisk: '8' } }]);
  });
});

it('everything that AWS is asked goes by the profile of the config', async () => {
  const channel = awsChannel({ ...description, profile: 'shop.ops' });
  await channel.run('broker-1', ['true']);
  expect(fake.log('aws').join()).toMatch(/ --region eu-central-1 --profile shop.ops$/);
  expect(fake.log('ssh').join()).toContain(
    '--remote-port %p --region eu-central-1 --profile shop.ops 2>',
  );
});

describe('a command', () => {
  const words = ['a b', "it's", '$HOME `id` "q"', '-n', '', 'ü;|&>x\n#'];

  it('finds the key of the stack as one whole, which others may be reading', async () => {
    const file = join(runtimeFolder(), 'mq.key');
    rmSync(file, { force: true });
    const channel = awsChannel({ ...description, privateKey: 'first' });
    await channel.run('broker-1', ['true']);
    const { ino, mode } = statSync(file);
    expect(mode & 0o777).toBe(0o600);
    await channel.run('broker-1', ['true']);
    expect(statSync(file).ino).toBe(ino);
    expect(readFileSync(file, 'utf8')).toBe('first');
    // Whoever has the former file open still reads it to its end.
    await awsChannel({ ...description, privateKey: 'second' }).run('broker-1', ['true']);
    expect(statSync(file).ino).not.toBe(ino);
    expect(readFileSync(file, 'utf8')).toBe('second');
  });

  it('gets its arguments as they are, whatever is in them', async () => {
    const { code, stdout } = await awsChannel(description).run('broker-1', [
      'printf',
      '<%s>',
      ...words,
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe(words.map((word) => `<${word}>`).join(''));
  });

  it('reads its input to the last byte and has its own exit code and both outputs', async () => {
    const input = 'secret\0'.repeat(100_000);
    const { code, stdout, stderr } = await awsChannel(description).run(
      'broker-1',
      ['sh', '-c', 'wc -c; pwd; echo no >&2; exit 7'],
      { input },
    );
    expect({ code, stdout: stdout.trim().split(/\s+/), stderr: stderr.trim() }).toEqual({
      code: 7,
      stdout: [String(input.length), '/'],
      stderr: 'no',
    });
    expect(fake.log('ssh').join()).not.toContain('secret');
  });

  it('is cut off at its deadline, here and at the other end', async () => {
    const channel = awsChannel(description);
    await channel.run('broker-1', ['true']);
    const late = channel.run('broker-1', ['sleep', '30'], { timeoutMs: 300 });
    await expect(late).rejects.toThrow('sleep 30 on broker-1: not done after 300 ms');
    expect(fake.log('ssh').at(-1)).toContain(
      `'timeout' '-k' '5' '3' 'env' '-C' '/' 'LANG=C.UTF-8' 'sleep' '30'`,
    );
  });

  it('shares one connection with those that come at once', async () => {
    const channel = awsChannel(description);
    await Promise.all(['1', '2', '3'].map(async (n) => channel.run('broker-1', ['echo', n])));
    const opened = fake.log('ssh').filter((line) => line.endsWith('-- i-1 true'));
    expect(opened).toHaveLength(1);
    expect(opened[0]).toContain('ControlMaster=auto');
    expect(fake.log('aws')).toHaveLength(1);
  });

  it('finds the instance that took the place of one whose connection broke', async () => {
    const channel = awsChannel(description);
    await channel.run('broker-1', ['true']);
    writeFileSync(join(fake.folder, 'broken'), 'mux_client: Broken pipe');
    await expect(channel.run('broker-1', ['true'])).rejects.toThrow(
      'the connection to broker-1 (i-1) was lost: mux_client: Broken pipe',
    );
    rmSync(join(fake.folder, 'broken'));
    fake.instances(instance('i-9', 'broker-1'));
    expect(await channel.run('broker-1', ['true'])).toMatchObject({ code: 0 });
    expect(fake.log('ssh').at(-1)).toContain('-- i-9 ');
  });
});

describe('what stands in the way is said', () => {
  it('a host that does not run, one that is not there', async () => {
    const channel = awsChannel(description);
    await expect(channel.run('broker-2', ['true'])).rejects.toThrow(
      'host broker-2 (i-2) does not run',
    );
    expect(await partsOf(channel.run('broker-9', ['true']))).toMatchObject({
      value: 'broker-9',
      allowed: ['broker-1', 'broker-2'],
    });
  });

  it('a key that the instance does not know', async () => {
    writeFileSync(join(fake.folder, 'broken'), 'admin@i-1: Permission denied (publickey).');
    const parts = await partsOf(awsChannel(description).run('broker-1', ['true']));
    expect(parts).toMatchObject({
      what: 'no connection to broker-1 (i-1) by instance-connect',
      value: 'admin@i-1: Permission denied (publickey).',
    });
    expect(parts.fix).toContain('ssh-add');
  });

  it.each([
    ['Unable to locate credentials. You can configure', 'give AWS credentials'],
    ['An error occurred (UnauthorizedOperation) when calling', 'lack that right'],
    ['An error occurred (ExpiredToken)', 'no longer good'],
  ])('%s', async (said, fix) => {
    fake.write('aws', `echo "${said}" >&2; exit 253`);
    const parts = await partsOf(awsChannel(description).hosts());
    expect(parts).toMatchObject({ what: 'aws ec2 describe-instances failed', value: said });
    expect(parts.fix).toContain(fix);
  });

  it('no AWS CLI', async () => {
    fake.remove('aws');
    expect((await partsOf(awsChannel(description).hosts())).what).toContain('no `aws` on PATH');
  });

  it('no plugin for Session Manager', async () => {
    const managed = awsChannel({ ...description, method: 'session-manager' });
    expect(await partsOf(managed.hosts())).toMatchObject({ allowed: 'session-manager-plugin' });
    fake.write('session-manager-plugin', 'exit 1');
    expect(await managed.hosts()).toHaveLength(2);
  });

  it('no way at all: its hosts are told, none is entered', async () => {
    const closed = awsChannel({ ...description, method: 'none' });
    expect(await closed.hosts()).toHaveLength(2);
    expect(await partsOf(closed.run('broker-1', ['true']))).toMatchObject({
      value: 'aws.access.method: none',
      allowed: ['instance-connect', 'session-manager'],
    });
  });
});

describe('the tunnel', () => {
  const proxyOf = (): string | undefined =>
    /ProxyCommand=(.*) 2> /.exec(fake.log('ssh')[0] ?? '')?.[1];

  it('is opened by the Instance Connect Endpoint', async () => {
    await awsChannel(description).run('broker-1', ['true']);
    expect(proxyOf()).toBe(
      'aws ec2-instance-connect open-tunnel --instance-id %h --remote-port %p --region eu-central-1',
    );
  });

  it('or by Session Manager', async () => {
    fake.write('session-manager-plugin', 'exit 1');
    await awsChannel({ ...description, method: 'session-manager' }).run('broker-1', ['true']);
    expect(proxyOf()).toBe(
      'aws ssm start-session --target %h --region eu-central-1 ' +
        '--document-name AWS-StartSSHSession --parameters portNumber=%p',
    );
  });
});
