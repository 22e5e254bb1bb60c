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

/** The parts of a user error, a line each, and its causes; without a final newline. */
export function userErrorText({ what, value, allowed, fix, cause }: UserErrorParts): string {
  const lines = [value === undefined ? what : `${what}: ${value}`];
  if (allowed !== undefined) {
    lines.push(`  allowed: ${typeof allowed === 'string' ? allowed : allowed.join(', ')}`);
  }
  for (const each of causeChain(cause)) lines.push(`  because: ${indent(messageOf(each))}`);
  if (fix !== undefined) lines.push(`  fix: ${indent(fix)}`);
  return lines.join('\n');
}

const indent = (text: string): string => text.replaceAll('\n', '\n    ');

export const causeOf = (error: unknown): unknown =>
  error instanceof Error ? error.cause : undefined;

/** A cause and its causes, outermost first; a loop among them ends the list. */
export function causeChain(cause: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = cause; each !== undefined && !chain.includes(each); each = causeOf(each)) {
    chain.push(each);
  }
  return chain;
}

/** One message for an unknown throw; never empty. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return typeof error === 'string' ? error : JSON.stringify(error);
}
