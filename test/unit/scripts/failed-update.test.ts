import { describe, expect, it } from 'vitest';

import { accountOfUpdate } from '../../../scripts/lib/pulumi-progress.ts';
import { failedUpdate } from '../../../scripts/lib/stack-operations.ts';

const refused =
  "rig:index:Volume resource 'broker-3-data': property sizeGiB value {3} has a problem: volume " +
  'broker-3-data of trial cannot shrink: 3 GiB; allowed: 4 GiB or more; fix: restore the size';

describe('a failed update', () => {
  it('says what a provider refused without the engine around it, and one fix', () => {
    const account = accountOfUpdate();
    account.take({
      diagnosticEvent: { severity: 'error', message: `<{%reset%}>${refused}<{%reset%}>` },
    });
    account.take({ diagnosticEvent: { severity: 'error', message: 'update failed' } });
    expect(account.errors).toEqual([
      'broker-3-data: volume broker-3-data of trial cannot shrink: 3 GiB; allowed: 4 GiB or more; ' +
        'fix: restore the size',
    ]);
    const { parts } = failedUpdate('trial', 'up', 1, account.errors, '');
    expect(parts.fix).toBeUndefined();
    expect(parts.value?.split('\n')).toEqual([
      'broker-3-data: volume broker-3-data of trial cannot shrink: 3 GiB',
      '  allowed: 4 GiB or more',
      '  fix: restore the size',
    ]);
  });

  it('says what to do where its resources do not', () => {
    const { parts } = failedUpdate('trial', 'destroy', 255, [], 'something broke');
    expect(parts).toMatchObject({ value: 'something broke' });
    expect(parts.fix).toContain('run the same command again');
  });

  it('that met another one says who holds the lock, and not to break it', () => {
    const { parts } = failedUpdate(
      'trial',
      'up',
      1,
      [],
      'error: the stack is currently locked by 1 lock(s). Either wait or delete the lock file with ' +
        '`pulumi cancel`.\n  file:///x/y.json: created by root@vm (pid 17) at 2026-11-21T04:00:00Z',
    );
    expect(parts.what).toBe('stack trial is being changed right now');
    expect(parts.value).toBe('created by root@vm (pid 17) at 2026-11-21T04:00:00Z');
    expect(parts.fix).not.toContain('cancel');
  });
});
