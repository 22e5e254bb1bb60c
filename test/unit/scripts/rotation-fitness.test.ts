import { describe, expect, it } from 'vitest';
import type { StatusReport } from '../../../infra/operations/status/model.ts';
import { endsOutage, refusedRotation } from '../../../scripts/lib/rotation-fitness.ts';

const now = new Date('2026-01-02T00:00:00.000Z');
const from = '2025-01-01T00:00:00.000Z';
const over = '2026-01-01T00:00:00.000Z';
const lasting = '2035-01-01T00:00:00.000Z';

/** One broker and its host, as status has them when nobody accepts its certificate any more. */
function report({
  certificate = over,
  authorities = [over],
  host = 'running',
  running = false,
  warnings = ['broker-1 did not say whom it sees: curl: (60) certificate has expired'],
} = {}): StatusReport {
  return {
    status: {
      stack: 'test',
      hosts: [{ name: 'broker-1', roles: ['broker'], state: host }],
      brokers: [{ name: 'broker-1', running, alarms: [], partitions: [] }],
      backends: [{ balancer: 'balancer-1', backend: 'amqp', server: 'broker-1', state: 'DOWN' }],
      queues: { mirrored: [] },
      certificates: [{ host: 'broker-1', subject: 'CN=broker-1', from, expires: certificate }],
      authorities: authorities.map((expires, i) => ({ subject: `CN=ca-${i}`, from, expires })),
    },
    warnings,
  } as unknown as StatusReport;
}

describe('what has expired', () => {
  it('is no reason to refuse its renewal, with all that follows from it', () => {
    expect(refusedRotation('ca', report(), [], now)).toBeUndefined();
    expect(endsOutage('ca', report(), now)).toBe(true);
    const issued = report({ authorities: [lasting] });
    expect(refusedRotation('certificates', issued, [], now)).toBeUndefined();
  });

  it('does not hide a host or a broker that is down', () => {
    expect(refusedRotation('ca', report(), ['broker-1'], now)?.message).toContain(
      'broker broker-1 is not running',
    );
    expect(refusedRotation('ca', report({ host: 'stopped' }), [], now)?.message).toContain(
      'host broker-1 is stopped',
    );
  });

  it('cannot sign: certificates alone are refused, with the way out', () => {
    const refusal = refusedRotation('certificates', report(), [], now);
    expect(refusal?.message).toContain('no authority is left that could sign');
    expect(refusal?.parts.fix).toContain('--certificates --ca');
    const introduced = report({ authorities: [over, lasting] });
    expect(refusedRotation('certificates', introduced, [], now)).toBeUndefined();
  });

  it('keeps what does not renew it waiting, and names what does', () => {
    for (const kind of ['credentials', 'cookie'] as const) {
      const refusal = refusedRotation(kind, report(), [], now);
      expect(refusal?.message).toContain('is not whole');
      expect(refusal?.parts.fix).toContain('--certificates --ca');
    }
  });

  it('can be forgotten where all else is well', () => {
    const whole = report({
      certificate: lasting,
      authorities: [lasting, over],
      running: true,
      warnings: [],
    });
    const served = { ...whole, status: { ...whole.status, backends: [] } };
    expect(refusedRotation('forget-ca', served, [], now)).toBeUndefined();
    expect(refusedRotation('forget-ca', whole, [], now)?.message).toContain('is DOWN');
    expect(refusedRotation('cookie', served, [], now)?.message).toContain('CN=ca-1 has expired');
  });
});
