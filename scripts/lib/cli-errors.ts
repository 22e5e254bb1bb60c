import { messageOf, UserError } from '../../infra/errors.ts';
import type { UserErrorParts } from '../../infra/errors.ts';

/** Text for standard error: parts of a user error a line each, else stack and causes. */
export function errorText(error: unknown): string {
  return error instanceof UserError ? userErrorText(error.parts) : faultText(error);
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

function userErrorText({ what, value, allowed, fix, cause }: UserErrorParts): string {
  const lines = [`error: ${value === undefined ? what : `${what}: ${value}`}`];
  if (allowed !== undefined) {
    lines.push(`  allowed: ${typeof allowed === 'string' ? allowed : allowed.join(', ')}`);
  }
  for (const each of causeChain(cause)) lines.push(`  because: ${indent(messageOf(each))}`);
  if (fix !== undefined) lines.push(`  fix: ${indent(fix)}`);
  return `${lines.join('\n')}\n`;
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

const indent = (text: string): string => text.replaceAll('\n', '\n    ');
const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

/** A cause and its causes, outermost first; a loop among them ends the list. */
function causeChain(cause: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = cause; each !== undefined && !chain.includes(each); each = causeOf(each)) {
    chain.push(each);
  }
  return chain;
}
