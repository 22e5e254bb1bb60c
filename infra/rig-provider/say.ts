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

/** A broker of a container serves before; those of virtual machines take a few times as long. */
const longWaitMs = 20_000;

/** Says what hosts keep the work waiting, when that takes long and as often as it has changed by then. */
export async function sayWaits<T>(
  work: (onWait: (host: string, seen: string | undefined) => void) => Promise<T>,
): Promise<T> {
  const waits = new Map<string, string>();
  let last = '';
  const timer = setInterval(() => {
    const text = [...waits].map(([host, seen]) => `${host}: ${seen}`).join('; ');
    if (text !== last && text !== '') say(`waiting  ${text}`);
    last = text;
  }, longWaitMs);
  try {
    return await work((host, seen) => {
      if (seen === undefined) waits.delete(host);
      else waits.set(host, seen);
    });
  } finally {
    clearInterval(timer);
  }
}
