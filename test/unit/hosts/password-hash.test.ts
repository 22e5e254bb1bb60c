import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashed } from '../../../infra/operations/definitions/password-hash.ts';
import { HostRoot } from '../../lib/host-root.ts';

const lib = 'usr/local/lib/rabbitmq-ha-kit';
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`broker/${lib}/password-hash`);
  host.program(`aws/${lib}/parameter-hash`);
  host.put('run/rabbitmq-ha-kit/.here', '');
  host.put('etc/rabbitmq-ha-kit/target.env', 'AWS_DEFAULT_REGION=trial\n');
  for (const name of ['openssl', 'jq']) host.watch(name);
});
afterEach(() => {
  host.remove();
});

const passwords = ['simple', 'with "quotes" and \\ and blanks', 'ü', '-n', '%s'];

it.each(passwords)('makes the hash that the kit makes: %s', (password) => {
  const made = host.run(`${lib}/password-hash`, [], password);
  expect(made).toEqual({ code: 0, stdout: hashed(password), stderr: '' });
});

it('makes it of a parameter, which no process shows', () => {
  const Parameters = [{ Name: '/shop/password', Value: 'of the user' }];
  host.put('answer.json', JSON.stringify({ Parameters, InvalidParameters: [] }));
  host.fake('aws', 'echo "aws $*" >> "$ROOT/arguments"; cat "$ROOT/answer.json"');
  const made = host.run(`${lib}/parameter-hash`, ['/shop/password']);
  expect(made).toEqual({ code: 0, stdout: hashed('of the user'), stderr: '' });
  expect(host.read('arguments')).not.toContain('of the user');
  expect(host.read('arguments')).toContain('--names /shop/password');
});

it('says that there is no such parameter, or what AWS said', () => {
  host.put('answer.json', '{"Parameters": [], "InvalidParameters": ["/shop/password"]}');
  host.fake('aws', 'cat "$ROOT/answer.json"');
  expect(host.run(`${lib}/parameter-hash`, ['/shop/password'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'there is no parameter /shop/password in Systems Manager (trial)\n',
  });
  host.fake('aws', 'echo "not authorized" >&2; exit 254');
  expect(host.run(`${lib}/parameter-hash`, ['/shop/password'])).toMatchObject({
    code: 254,
    stderr: 'not authorized\n',
  });
});
