let listener = (line: string): void => void process.stderr.write(`${line}\n`);

/** Words for people, about what takes long or went another way. */
export function say(line: string): void {
  listener(line);
}

/** From now on the words go there: to the engine, or to a command that has the provider in its own process. */
export function hear(next: (line: string) => void): void {
  listener = next;
}

/** That the boot of a host waits for something which somebody may have to bring. */
export const sayHeld = (host: string, reason: string): void => {
  say(`${host}: ${reason}`);
};
