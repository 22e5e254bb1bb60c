/**
 * Progress for people: steps with the time they took. On a terminal the running step is one line
 * that is kept up to date; elsewhere (CI, a file) every line is plain and final.
 */

/** Where progress goes; standard error by default, so that results stay alone on standard output. */
export interface ProgressSink {
  readonly write: (text: string) => void;
  /** Width of the terminal in columns; undefined for plain lines. */
  readonly columns: () => number | undefined;
  /** Milliseconds, from any start. */
  readonly now: () => number;
}

/** Tells what a running step is at; shown while it runs and gone when it is done. */
export type Say = (detail: string) => void;

export interface StepOptions<T> {
  /** Shown behind the title when it is done, e.g. what was found. */
  readonly result?: (value: T) => string | undefined;
}

export interface Progress {
  /** Runs one step; its failure is marked and thrown on. Steps do not nest. */
  readonly step: <T>(
    title: string,
    work: (say: Say) => Promise<T>,
    options?: StepOptions<T>,
  ) => Promise<T>;
  /** A line of its own between steps. */
  readonly note: (text: string) => void;
}

const refreshMs = 200;
/** A step off a terminal says what it is at no more often than this. */
const plainIntervalMs = 15_000;

export function createProgress(sink: ProgressSink = standardError()): Progress {
  const clear = (): void => {
    if (sink.columns() !== undefined) sink.write('\r\u001b[K');
  };
  return {
    note: (text) => {
      clear();
      sink.write(`${text}\n`);
    },
    step: async (title, work, options = {}) => {
      const start = sink.now();
      const live = startLive(sink, title, start);
      const end = (mark: string, tail: string): void => {
        live.stop();
        clear();
        sink.write(`${mark} ${title}${tail} (${duration(sink.now() - start)})\n`);
      };
      try {
        const value = await work(live.say);
        const result = options.result?.(value);
        end('done  ', result === undefined ? '' : `: ${result}`);
        return value;
      } catch (error) {
        end('failed', '');
        throw error;
      }
    },
  };
}

function startLive(
  sink: ProgressSink,
  title: string,
  start: number,
): { readonly say: Say; readonly stop: () => void } {
  let detail = '';
  let lastPlain = start;
  const draw = (): void => {
    const columns = sink.columns();
    if (columns === undefined) return;
    const text = `...    ${title} (${duration(sink.now() - start)}) ${detail}`;
    sink.write(`\r\u001b[K${text.slice(0, columns - 1)}`);
  };
  const plain = (): void => {
    if (sink.now() - lastPlain < plainIntervalMs) return;
    lastPlain = sink.now();
    sink.write(`${`...    ${title} (${duration(lastPlain - start)}) ${detail}`.trimEnd()}\n`);
  };
  const isLive = sink.columns() !== undefined;
  draw();
  // Off a terminal too a silent step shows that it is alive.
  const timer = setInterval(isLive ? draw : plain, isLive ? refreshMs : 2 * plainIntervalMs);
  timer.unref();
  return {
    say: (text) => {
      detail = text.replaceAll(/\s+/g, ' ').trim();
      if (isLive) draw();
      else plain();
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** e.g. `0.3 s`, `42 s`, `3 min 5 s`. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function standardError(): ProgressSink {
  const { stderr, env } = process;
  const isLive = stderr.isTTY && env['TERM'] !== 'dumb' && env['CI'] === undefined;
  return {
    write: (text) => void stderr.write(text),
    columns: () => (isLive ? stderr.columns : undefined),
    now: () => performance.now(),
  };
}
