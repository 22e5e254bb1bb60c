import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostRoot } from '../../lib/host-root.ts';

const program = 'usr/local/sbin/certificate-status';
const certificate = (serial: string): string =>
  `serial=${serial}\nnotBefore=Nov 22 00:00:00 2026 GMT\nnotAfter=Nov 22 00:00:00 2027 GMT\n` +
  'subject=CN = broker\nissuer=CN = authority\n';
let host: HostRoot;

beforeEach(() => {
  host = new HostRoot();
  host.program(`tls/${program}`);
  host.put('etc/rabbitmq-ha-kit/host.env', "TLS_LISTENERS='amqps=10.77.16.10:5671'\n");
  host.put('run/rabbitmq-ha-kit/secrets/trusted-authorities', 'PEM');
  host.put('run/rabbitmq-ha-kit/broker/tls/certificate.pem', certificate('0B'));
  host.put('shown', certificate('0A'));
  host.fake('ip', '[ "$5" != "$(cat "$ROOT/here")" ] || echo "2: eth0 inet $5/20"');
  host.fake('openssl', 'case $1 in s_client) cat "$ROOT/shown" ;; x509) grep . ;; esac');
});
afterEach(() => {
  host.remove();
});

const served = (): unknown => {
  const { code, stdout } = host.run(program);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { readonly served: unknown }).served;
};

describe('certificate-status', () => {
  it('tells what clients are shown, where the broker is here', () => {
    host.put('here', '10.77.16.10');
    expect(served()).toMatchObject([{ listener: 'amqps', serial: '0A', subject: 'CN = broker' }]);
  });

  it('leaves a listener out that does not answer', () => {
    host.put('here', '10.77.16.10');
    host.put('shown', '');
    expect(served()).toEqual([]);
  });

  it('tells what clients would be shown, where the broker is on another host', () => {
    host.put('here', '');
    expect(served()).toMatchObject([{ listener: 'amqps', serial: '0B' }]);
  });
});
