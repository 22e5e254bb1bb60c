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
  host.put('known-by-now.json', JSON.stringify(known.slice(1)));
  host.fake(
    'aws',
    `echo "aws $*" >> "$ROOT/arguments"
[ ! -s "$ROOT/refusals" ] || { head -n 1 "$ROOT/refusals" >&2; sed -i 1d "$ROOT/refusals"; exit 254; }
known=known.json
[ ! -s "$ROOT/not-yet" ] || { known=known-by-now.json; sed -i 1d "$ROOT/not-yet"; }
while [ "$1" != --names ]; do shift; done; shift
/usr/bin/env PATH=/usr/bin:/bin jq --args '{
  Parameters: map(select(.Name | IN($ARGS.positional[]))),
  InvalidParameters: ($ARGS.positional - map(.Name)) }' "$@" < "$ROOT/$known"`,
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
  it('writes each secret as it is, for root alone, and says which are new', () => {
    const names = Object.keys(secrets).join(' ');
    expect(host.run(program)).toEqual({ code: 0, stdout: `${names}\n`, stderr: '' });
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

  it('fetches anew, and says what has changed', () => {
    host.run(program);
    host.put(`${folder}/secret-3`, 'of yesterday', 0o600);
    expect(host.run(program)).toEqual({ code: 0, stdout: 'secret-3\n', stderr: '' });
    expect(host.read(`${folder}/secret-3`)).toBe(secrets['secret-3']);
    expect(host.run(program).stdout.trim()).toBe('');
  });

  it('gives a refusal two minutes, then says what AWS said', () => {
    wants(['secret-1']);
    const said = 'not authorized to perform: ssm:GetParameters on resource: /mq/secret-1';
    host.put('refusals', `${said}\n`.repeat(24));
    const { code, stderr } = host.run(program);
    expect(code).toBe(1);
    expect(stderr.trimEnd()).toBe(
      `rabbitmq-ha-kit: cannot read the parameters /mq/secret-1: ${said}`,
    );
    expect(host.lines('slept')).toEqual(Array<string>(23).fill('5'));
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

describe('fetch-secrets wait', () => {
  const reason = 'run/rabbitmq-ha-kit/boot-waits';
  const boot = () => host.run(program, ['wait']);

  it('bears with a role that is not there yet, without a word', () => {
    host.put('refusals', 'Unable to locate credentials\n'.repeat(6));
    expect(boot()).toMatchObject({ code: 0, stderr: '' });
    expect(host.lines('slept')).toEqual(Array<string>(6).fill('5'));
  });

  it('goes on when a missing parameter is there, after one line that names it', () => {
    host.put('not-yet', 'now\n'.repeat(9));
    host.fake('sleep', `echo "$1" >> "$ROOT/slept"; cp "$ROOT/${reason}" "$ROOT/reason-seen"`);
    const { code, stderr } = boot();
    const why = 'boot waits: there is no parameter /mq/secret-0 in Systems Manager (trial)';
    expect([code, stderr.trimEnd().split('\n')]).toEqual([
      0,
      [`rabbitmq-ha-kit: ${why}`, 'rabbitmq-ha-kit: every secret is there; boot goes on'],
    ]);
    // Less and less often, but once a minute.
    expect(host.lines('slept')).toEqual(['7', '10', '15', '22', '33', '49', '60', '60', '60']);
    expect(host.lines('reason-seen')).toEqual([why]);
    expect(host.has(reason)).toBe(false);
    expect(host.read(`${folder}/secret-0`)).toBe(secrets['secret-0']);
  });

  it('says another reason, and the first one again, each in a line', () => {
    const refusal = (right: string): string => `not authorized to perform: ${right}\n`;
    host.put(
      'refusals',
      refusal('ssm:GetParameters').repeat(9) +
        refusal('kms:Decrypt').repeat(3) +
        refusal('ssm:GetParameters').repeat(2),
    );
    wants(['secret-1']);
    const { code, stderr } = boot();
    const cannot = 'rabbitmq-ha-kit: boot waits: cannot read the parameters /mq/secret-1: not';
    expect([code, stderr.trimEnd().split(/ ?\n/)]).toEqual([
      0,
      [
        `${cannot} authorized to perform: ssm:GetParameters`,
        `${cannot} authorized to perform: kms:Decrypt`,
        `${cannot} authorized to perform: ssm:GetParameters`,
        'rabbitmq-ha-kit: every secret is there; boot goes on',
      ],
    ]);
  });
});
