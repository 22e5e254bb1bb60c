import { causeChain, causeOf, messageOf, UserError, userErrorText } from '../../infra/errors.ts';
import type { UserErrorParts } from '../../infra/errors.ts';

/** Text for standard error: parts of a user error a line each, else stack and causes. */
export function errorText(error: unknown): string {
  return error instanceof UserError ? `error: ${userErrorText(error.parts)}\n` : faultText(error);
}

/** The same for a program: one JSON document, with a final newline. */
export function errorJson(error: unknown): string {
  const parts: UserErrorParts =
    error instanceof UserError ? error.parts : { what: messageOf(error), cause: causeOf(error) };
  const { what, value, allowed, fix } = parts;
  const causes = causeChain(parts.cause).map(messageOf);
  const document = { error: { what, value, allowed, fix, causes } };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function faultText(error: unknown): string {
  const [first, ...causes] = [error, ...causeChain(causeOf(error))].map(
    (each) => (each instanceof Error ? each.stack : undefined) ?? messageOf(each),
  );
  return [
    'unexpected error, a fault of the kit:',
    first,
    ...causes.map((cause) => `caused by: ${cause}`),
    '',
  ].join('\n');
}
