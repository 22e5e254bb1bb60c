let listener = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Words for people, about what takes long or went another way. The engine shows what a plugin writes
 * to standard error beside the resource.
 */
export function say(line: string): void {
  listener(line);
}

/** From now on the words go there: to a command that has the provider in its own process. */
export function hear(next: (line: string) => void): void {
  listener = next;
}
