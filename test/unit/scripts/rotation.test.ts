import { expect, it } from 'vitest';
import { parseRotation } from '../../../infra/config/rotation.ts';
import { outdated, unseen } from '../../../infra/operations/rotation.ts';
import { expiring } from '../../../infra/operations/status/certificates.ts';
import type { CertificateStatus } from '../../../infra/operations/status/model.ts';
import { showsCertificates } from '../../../infra/plan/tls.ts';
import { plan } from '../../lib/plans.ts';
import { rotationKinds, rotationToDo, stepsOf } from '../../../scripts/lib/rotation.ts';

const begun = '2026-01-01T00:00:00.000Z';
const now = new Date('2026-01-02T00:00:00.000Z');

it('every step asks for what the program knows', () => {
  for (const kind of rotationKinds) {
    const steps = stepsOf(kind, begun);
    expect(steps.length, kind).toBeGreaterThan(0);
    for (const { ask } of steps) expect(parseRotation(ask)).toEqual(ask);
  }
});

it('an interrupted rotation goes on from its own beginning', () => {
  const fresh = rotationToDo('cookie', {}, now);
  expect(fresh).toMatchObject({ since: now.toISOString(), resumed: false });
  const again = rotationToDo('cookie', { unfinished: { kind: 'cookie', since: begun } }, now);
  expect(again).toMatchObject({ since: begun, resumed: true });
  expect(again.steps).toEqual(stepsOf('cookie', begun));
});

it('another one waits until the interrupted one is finished', () => {
  const unfinished = { kind: 'ca', since: begun } as const;
  expect(() => rotationToDo('cookie', { unfinished }, now)).toThrow(/interrupted: ca/);
});

it('what was not written by rotate is refused', () => {
  expect(() => parseRotation({ credentials: 'yesterday' })).toThrow(/not what npm run rotate/);
  expect(() => parseRotation({ password: 'x' })).toThrow(/not what npm run rotate/);
  expect(parseRotation(undefined)).toEqual({});
});

const shown = (from: string, expires: string): CertificateStatus => ({
  host: 'broker-1',
  listeners: ['amqps'],
  serial: '01',
  subject: 'CN=broker-1',
  issuer: 'CN=a',
  from,
  expires,
});

it('a certificate from before the rotation is seen, one that begins a little early is not', () => {
  const old = shown('2025-12-31T23:50:00.000Z', '2027-01-01T00:00:00.000Z');
  const fresh = shown('2025-12-31T23:56:00.000Z', '2027-01-01T00:00:00.000Z');
  expect(outdated([old, fresh], begun)).toEqual([old]);
});

it('what expires soon is told apart from what has expired', () => {
  const authorities = [
    { subject: 'CN=a', from: '2025-01-01T00:00:00.000Z', expires: '2035-01-01T00:00:00.000Z' },
  ];
  const certificates = [
    shown('2025-01-01T00:00:00.000Z', '2026-01-20T00:00:00.000Z'),
    shown('2024-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'),
    shown('2025-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'),
  ];
  expect(expiring({ certificates, authorities }, now)).toEqual({
    expired: ['broker-1: certificate CN=broker-1 has expired on 2026-01-01'],
    near: ['broker-1: certificate CN=broker-1 expires on 2026-01-20'],
  });
});

it('a host that is to show certificates and was not seen to is not taken for one with new ones', () => {
  const names = plan('drbd-pacemaker', { frontEnd: 'pacemaker-vip', tls: { enabled: true } })
    .hosts.filter(showsCertificates)
    .map(({ name }) => name);
  expect(names).toEqual(['drbd-a', 'drbd-b']);
  expect(unseen(names, [{ host: 'drbd-a' }])).toEqual(['drbd-b']);
  expect(unseen(names, [{ host: 'drbd-b' }, { host: 'drbd-a' }])).toEqual([]);
  expect(plan('quorum-cluster').hosts.filter(showsCertificates)).toEqual([]);
});
