/**
 * The text of a program as hosts get it: without the lines that are comments, but for those that speak
 * to a tool. EC2 takes user-data of 16 KB, of which comments would be a fifth; they are for readers of
 * `templates/`. A line that begins with `#` is taken for a comment wherever it stands, so that none may
 * be part of a text that the program prints. All else is left as it is.
 */
export function withoutComments(source: string): string {
  if (!source.startsWith('#!/bin/sh\n')) return source;
  return source.replaceAll(/^[ \t]*#(?!!| shellcheck ).*\n/gm, '');
}
