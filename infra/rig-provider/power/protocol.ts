import { createHash, timingSafeEqual } from 'node:crypto';

/** What a host asks its stack's power service, in one line: `QUESTION PASSWORD VERB HOST`. */
export interface PowerQuestion {
  /** The asker's own mark, by which it knows the answer. */
  readonly question: string;
  readonly verb: 'check' | 'status' | 'off';
  readonly host: string;
}

const verbs: readonly PowerQuestion['verb'][] = ['check', 'status', 'off'];

/** Undefined for what is no question or comes without the password. Pure. */
export function parseQuestion(line: string, password: string): PowerQuestion | undefined {
  const [question, given, word, host, ...more] = line.trim().split(' ');
  const verb = verbs.find((each) => each === word);
  if (question === undefined || given === undefined || host === undefined) return undefined;
  if (verb === undefined || more.length > 0 || !isSame(given, password)) return undefined;
  return { question, verb, host };
}

/** In a time that does not tell how much of it was right. */
const isSame = (given: string, password: string): boolean =>
  timingSafeEqual(hashOf(given), hashOf(password));

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
