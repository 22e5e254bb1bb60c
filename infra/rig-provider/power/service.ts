/**
 * The power service of a stack: a process outside of every host that takes a host's power away when
 * another one asks for it, by a line of its own into this process (see qemu.ts) that is no network.
 * Arguments: stack, path of its socket. Standard input: the password. It outlives the plugin that
 * started it and ends with its control group.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../errors.ts';
import { cutPower, hasPower } from '../host-process.ts';
import { readHostRecord } from '../host-record.ts';
import { parseQuestion, type PowerQuestion } from './protocol.ts';

const [stack = '', path = ''] = process.argv.slice(2);
const password = (await text(process.stdin)).trim();

const say = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};

async function answerTo({ verb, host }: PowerQuestion): Promise<string> {
  if (verb === 'check') return 'ok';
  if (readHostRecord(stack, host) === undefined) return `error: ${stack} has no host ${host}`;
  if (verb === 'off') {
    say(`off ${host}`);
    await cutPower({ stack, name: host });
    // Not taken on trust: nothing of the host's control group may be left.
    if (hasPower({ stack, name: host })) return `error: ${host} still runs`;
    say(`dead ${host}`);
    return 'dead';
  }
  return hasPower({ stack, name: host }) ? 'on' : 'off';
}

function serve(socket: Socket): void {
  socket.on('error', (error) => {
    say(`line closed: ${error.message}`);
  });
  const lines = createInterface({ input: socket });
  lines.on('line', (line) => {
    const asked = parseQuestion(line, password);
    if (asked === undefined) {
      // Whoever sends garbage gets its own mark back, so that it does not wait for an answer.
      socket.write(`${line.split(' ')[0] ?? ''} error: no question with the right password\n`);
      return;
    }
    answerTo(asked)
      .catch((error: unknown) => `error: ${messageOf(error).replaceAll('\n', ' ')}`)
      .then((answer) => socket.write(`${asked.question} ${answer}\n`))
      .catch((error: unknown) => {
        say(messageOf(error));
      });
  });
}

rmSync(path, { force: true });
const server = createServer(serve);
server.listen(path, () => {
  chmodSync(path, 0o600);
  process.stdout.write('ready\n');
});
