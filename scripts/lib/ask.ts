import { createInterface } from 'node:readline';

import { UserError } from './cli.ts';

/** One question at a terminal. */
export interface Question {
  readonly title: string;
  /** Values to choose from, each with what it means; without any, text is asked for. */
  readonly choices?: readonly { readonly value: string; readonly meaning: string }[];
  /** Taken when only Enter is pressed. */
  readonly preset: string;
  /** What is wrong with an answer; undefined when nothing is. */
  readonly problem?: (answer: string) => string | undefined;
}

export type Ask = (question: Question) => Promise<string>;

/** Where questions go and answers come from. */
export interface Terminal {
  readonly say: (text: string) => void;
  /** The next line that was typed. @throws when there will be none */
  readonly read: (prompt: string) => Promise<string>;
}

/** Asks until an answer fits. A choice may be typed as its number, its name or its beginning. */
export const askAt =
  ({ say, read }: Terminal): Ask =>
  async (question) => {
    const { title, choices = [], preset } = question;
    say(`\n${title}\n`);
    const width = Math.max(0, ...choices.map(({ value }) => value.length));
    choices.forEach(({ value, meaning }, index) => {
      say(`  ${index + 1}  ${value.padEnd(width)}  ${meaning}`.trimEnd() + '\n');
    });
    for (;;) {
      const typed = (await read(`[${preset}] `)).trim();
      const answer = typed === '' ? preset : pick(typed, choices);
      const problem = answer === undefined ? refusal(choices) : question.problem?.(answer);
      if (answer !== undefined && problem === undefined) return answer;
      say(`  ${problem ?? ''}\n`);
    }
  };

function pick(typed: string, choices: NonNullable<Question['choices']>): string | undefined {
  if (choices.length === 0) return typed;
  const exact = choices.find(({ value }) => value === typed);
  if (exact !== undefined) return exact.value;
  if (/^\d+$/.test(typed)) return choices[Number(typed) - 1]?.value;
  const starting = choices.filter(({ value }) => value.startsWith(typed));
  return starting.length === 1 ? starting[0]?.value : undefined;
}

const refusal = (choices: NonNullable<Question['choices']>): string =>
  `type a number from 1 to ${choices.length}, or one of ${choices.map(({ value }) => value).join(', ')}`;

/**
 * This process's terminal; what is typed ahead is kept. Ctrl-C ends the process as a signal would,
 * Ctrl-D is an error. Close it to give the terminal back.
 */
export function openTerminal(): Terminal & { readonly close: () => void } {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  // Lines that were typed ahead are still there after the end, but nothing can be shown to them.
  let ended = false;
  lines.once('close', () => (ended = true));
  const typed = lines[Symbol.asyncIterator]();
  return {
    say: (text) => void process.stdout.write(text),
    read: async (prompt) => {
      lines.setPrompt(prompt);
      if (!ended) lines.prompt();
      const { done, value } = await typed.next();
      if (done !== true) return value;
      throw new UserError({ what: 'the input ended before all was answered; nothing was written' });
    },
    close: () => {
      lines.close();
    },
  };
}
