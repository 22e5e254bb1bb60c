import { UserError, userErrorText } from '../errors.ts';
import { RunError } from '../pulumi.ts';

/**
 * Does `work` of a Pulumi program. Pulumi shows any error with its stack trace, but for its own RunError: what
 * a user can put right becomes one, with the words that the kit's commands show, and a fault stays
 * what it is.
 * @throws RunError with the UserError as its cause
 */
export function withShownErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new RunError(userErrorText(error.parts), { cause: error });
  }
}
