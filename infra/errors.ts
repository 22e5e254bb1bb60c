/** What a person needs to put a mistake right; every part is plain text for one line or a list. */
export interface UserErrorParts {
  /** What is wrong, in one clause and without a full stop, e.g. `unknown stack`. */
  readonly what: string;
  /** The value that was given. */
  readonly value?: string | undefined;
  /** What would have been accepted. */
  readonly allowed?: string | readonly string[] | undefined;
  /** The next step, e.g. a command to type. */
  readonly fix?: string | undefined;
  readonly cause?: unknown;
  /** Nothing but its user puts it right: whoever waits for something need not go on. */
  readonly lasting?: true;
}

/**
 * A mistake or a circumstance that its user can put right, as opposed to a fault of the kit: it is
 * shown without a stack trace. Subclasses may carry more.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly parts: UserErrorParts;

  constructor(parts: UserErrorParts) {
    super(
      parts.value === undefined ? parts.what : `${parts.what}: ${parts.value}`,
      parts.cause === undefined ? {} : { cause: parts.cause },
    );
    this.parts = parts;
  }
}

/** One message for an unknown throw; never empty. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return typeof error === 'string' ? error : JSON.stringify(error);
}
