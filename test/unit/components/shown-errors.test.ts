import { RunError } from '@pulumi/pulumi/errors.js';
import { expect, it } from 'vitest';
import { withShownErrors } from '../../../infra/components/shown-errors.ts';
import { UserError } from '../../../infra/errors.ts';

/** What the program ends with. */
function thrownBy(error: Error): unknown {
  try {
    withShownErrors(() => {
      throw error;
    });
  } catch (thrown) {
    return thrown;
  }
  return undefined;
}

it('what a user can mend is for Pulumi to show as it is', () => {
  const mistake = new UserError({
    what: 'unknown zone',
    value: 'x',
    allowed: ['a', 'b'],
    fix: 'choose one',
    cause: new Error('asked EC2'),
  });
  const shown = thrownBy(mistake);
  expect(RunError.isInstance(shown)).toBe(true);
  expect(shown).toMatchObject({
    message: 'unknown zone: x\n  allowed: a, b\n  because: asked EC2\n  fix: choose one',
    cause: mistake,
  });
});

it('a fault of the kit keeps its stack trace', () => {
  const fault = new RangeError('no such index');
  expect(thrownBy(fault)).toBe(fault);
  expect(RunError.isInstance(fault)).toBe(false);
});
