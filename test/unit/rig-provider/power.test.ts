import { expect, it } from 'vitest';
import { parseQuestion } from '../../../infra/rig-provider/power/protocol.ts';

it('a question with the right password is one', () => {
  expect(parseQuestion('7-1 secret off drbd-a\n', 'secret')).toEqual({
    question: '7-1',
    verb: 'off',
    host: 'drbd-a',
  });
});

it.each([
  ['7-1 other off drbd-a'],
  ['7-1 secre off drbd-a'],
  ['7-1 secret reboot drbd-a'],
  ['7-1 secret off'],
  ['7-1 secret off drbd-a drbd-b'],
  [''],
])('anything else is none: %s', (line) => {
  expect(parseQuestion(line, 'secret')).toBeUndefined();
});
