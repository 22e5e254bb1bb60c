/** A word as a POSIX shell takes it back whole, whatever is in it. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

export const quotedCommand = (argv: readonly string[]): string => argv.map(quoted).join(' ');
