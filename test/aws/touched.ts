/** What an update says at its end that it did not leave alone, e.g. `1 created`. */
export const touched = (stdout: string): string[] =>
  [...stdout.matchAll(/^ +[+~-]+ ?(\d+ (?:to )?[a-z]+)/gm)].map(([, what = '']) => what);
