import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const lib = 'usr/local/lib/rabbitmq-ha-kit';
const folder = 'run/rabbitmq-ha-kit/secrets';
const program = `${lib}/fetch-secrets`;
const secrets = Object.fromEntries(
  Array.from({ length: 12 }, (_, i) => [`secret-${i}`, `value ${i} of "many"\n\\ and more\n`]),
);
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`aws/${program}`);
  host.put('run/rabbitmq-ha-kit/.here', '');
  host.watch('jq');
  host.fake('sleep', 'echo "$1" >> "$ROOT/slept"');
  wants(Object.keys(secrets));
  // What Systems Manager answers: the parameters that it has, and the names of those that it has not.
  const known = Object.entries(secrets).map(([name, Value]) => ({ Name: `/mq/${name}`, Value }));
  host.put('known.json', JSON.stringify(known));
  host.fake(
    'aws',
    `echo "aws $*" >> "$ROOT/arguments"
[ ! -s "$ROOT/refusals" ] || { head -n 1 "$ROOT/refusals" >&2; sed -i 1d "$ROOT/refusals"; exit 254; }
while [ "$1" != --names ]; do shift; done; shift
/usr/bin/env PATH=/usr/bin:/bin jq --args '{
  Parameters: map(select(.Name | IN($ARGS.positional[]))),
  InvalidParameters: ($ARGS.positional - map(.Name)) }' "$@" < "$ROOT/known.json"`,
  );
});
afterEach(() => {
  host.remove();
});

function wants(names: readonly string[]): void {
  const pairs = names.map((name) => `${name}=/mq/${name}`).join(' ');
  host.put('etc/rabbitmq-ha-kit/target.env', `PARAMETERS='${pairs}'\nAWS_DEFAULT_REGION=trial\n`);
}

describe('fetch-secrets', () => {
  it('writes each secret as it is, for root alone', () => {
    expect(host.run(program)).toEqual({ code: 0, stdout: '', stderr: '' });
    for (const [name, value] of Object.entries(secrets)) {
      expect(host.read(`${folder}/${name}`)).toBe(value);
      expect(statSync(join(host.path, folder, name)).mode & 0o777).toBe(0o400);
    }
    expect(statSync(join(host.path, folder)).mode & 0o777).toBe(0o700);
    // Private files of the broker are beside it.
    expect(statSync(join(host.path, folder, '..')).mode & 0o777).toBe(0o755);
  });

  it('asks for ten at a time, and shows no value to who lists processes', () => {
    host.run(program);
    const asked = host.lines('arguments').filter((line) => line.startsWith('aws'));
    expect(asked.map((line) => line.split('/mq/').length - 1)).toEqual([10, 2]);
    expect(asked.every((line) => line.includes('--with-decryption'))).toBe(true);
    expect(host.read('arguments')).not.toContain('value ');
  });

  it('fetches anew at the next boot', () => {
    host.put(`${folder}/secret-3`, 'of yesterday', 0o400);
    expect(host.run(program).code).toBe(0);
    expect(host.read(`${folder}/secret-3`)).toBe(secrets['secret-3']);
  });

  it('waits for a role that is not there yet', () => {
    host.put('refusals', 'Unable to locate credentials\n'.repeat(3));
    const { code, stdout, stderr } = host.run(program);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('attempt 3 of 24: Unable to locate credentials');
    expect(host.lines('slept')).toEqual(['5', '5', '5']);
  });

  it('gives up with one line that names parameters and what AWS said', () => {
    wants(['secret-1']);
    const said = 'not authorized to perform: ssm:GetParameters on resource: /mq/secret-1';
    host.put('refusals', `${said}\n`.repeat(24));
    const { code, stderr } = host.run(program);
    expect(code).toBe(1);
    expect(stderr.trimEnd()).toBe(
      `rabbitmq-ha-kit: cannot read the parameters /mq/secret-1: ${said}`,
    );
    expect(host.lines('slept')).toHaveLength(23);
    expect(host.has(`${folder}/secret-1`)).toBe(false);
  });

  it('stops at once where there is no such parameter', () => {
    wants(['secret-1', 'secret-77']);
    const { code, stderr } = host.run(program);
    expect([code, stderr.trimEnd()]).toEqual([
      1,
      'rabbitmq-ha-kit: there is no parameter /mq/secret-77 in Systems Manager (trial)',
    ]);
    expect(host.has('slept')).toBe(false);
  });
});
