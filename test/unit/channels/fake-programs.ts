import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Programs on PATH in place of those of an operator's machine: `aws` tells of instances, `ssh` hands its
 * command to a shell of this machine as sshd would, `sudo` lets it be.
 */
export class FakePrograms {
  readonly folder = mkdtempSync(join(tmpdir(), 'channel-'));
  readonly #before = { ...process.env };

  constructor() {
    mkdirSync(join(this.folder, 'bin'));
    mkdirSync(join(this.folder, 'run'), { mode: 0o700 });
    process.env['PATH'] = `${join(this.folder, 'bin')}:/usr/bin:/bin`;
    process.env['XDG_RUNTIME_DIR'] = join(this.folder, 'run');
    process.env['FAKE'] = this.folder;
    this.write('ssh', ssh);
    this.write('sudo', 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"');
  }

  /** A shell program; it finds this folder in FAKE. */
  write(name: string, script: string): void {
    const file = join(this.folder, 'bin', name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  remove(name: string): void {
    rmSync(join(this.folder, 'bin', name));
  }

  /** What `aws ec2 describe-instances` answers from now on. */
  instances(...instances: readonly object[]): void {
    const answer = JSON.stringify({ Reservations: [{ Instances: instances }] });
    writeFileSync(join(this.folder, 'instances.json'), answer);
    this.write('aws', 'echo "$@" >> "$FAKE/aws.log"; cat "$FAKE/instances.json"');
  }

  /** Lines of a log that a fake program keeps. */
  log(name: 'aws' | 'ssh'): string[] {
    try {
      return readFileSync(join(this.folder, `${name}.log`), 'utf8')
        .trim()
        .split('\n');
    } catch {
      return [];
    }
  }

  [Symbol.dispose](): void {
    process.env = this.#before;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Like ssh it has options up to `--`, then a host, then words that it joins with blanks. */
const ssh = `echo "$*" >> "$FAKE/ssh.log"
[ ! -e "$FAKE/broken" ] || { cat "$FAKE/broken" >&2; exit 255; }
while [ "$1" != -- ]; do shift; done
shift 2
exec sh -c "$*"`;

/** An instance as EC2 describes it. */
export const instance = (
  id: string,
  host: string,
  { state = 'running', tags = {} } = {},
): object => ({
  InstanceId: id,
  ImageId: 'ami-1',
  KeyName: 'mq-operators',
  InstanceType: 'm7g.large',
  PrivateIpAddress: '10.0.0.11',
  State: { Name: state },
  Tags: Object.entries({
    'rabbitmq-ha-kit:stack': 'mq',
    'rabbitmq-ha-kit:host': host,
    'rabbitmq-ha-kit:zone': 'a',
    'rabbitmq-ha-kit:user-data': 'abc',
    'rabbitmq-ha-kit:label:roles': 'broker',
    'rabbitmq-ha-kit:label:topology': 'quorum-cluster',
    ...tags,
  }).map(([Key, Value]) => ({ Key, Value })),
});
