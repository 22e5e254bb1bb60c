/**
 * The text of a template as hosts get it: programs, and whatever else is copied as it is, lose the lines
 * that are comments, but for those that speak to a tool. EC2 takes user-data of 16 KB, of which comments
 * would be a fifth; they are for readers of `templates/`. Rendered settings keep theirs. A line that
 * begins with `#` is taken for a comment wherever it stands, so that none may be part of a text that a
 * program prints. So of `%%` in what Erlang evaluates.
 * @param name of the template, e.g. `broker/usr/local/sbin/mq-api`
 */
export function withoutComments(name: string, source: string): string {
  if (/\.eval(\.hbs)?$/.test(name)) return source.replaceAll(/^[ \t]*%%.*\n/gm, '');
  if (name.endsWith('.hbs') && !source.startsWith('#!/bin/sh\n')) return source;
  return source.replaceAll(/^[ \t]*#(?!!| shellcheck ).*\n/gm, '');
}
