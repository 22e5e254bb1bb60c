import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderTemplate } from '../../../infra/render/templates.ts';
import { writeTree } from '../../lib/golden.ts';
import { nativeTool } from '../../lib/native-tools.ts';

const template = 'one-member/usr/local/lib/rabbitmq-ha-kit/one-member.eval.hbs';
const node = 'mnesia/rabbit@broker/quorum/rabbit@broker';

/** What RabbitMQ writes, and flushes, before a queue's first message. */
const logOf = (name: string, uid: string): Record<string, string> => ({
  [`${node}/${uid}/config`]: `#{id => {'${name}',rabbit@broker},uid => <<"${uid}">>,machine => {module,rabbit_fifo,#{}}}.`,
});

/** Evaluates `before`, then the program as the broker does, and prints the table. */
const evaluate = (before: string): string => `
File = "/mnt/${node}/names.dets",
${before}
ok = file:eval("/mnt/one-member.eval"),
{ok, Table} = dets:open_file(found, [{file, File}, {access, read}]),
[io:format("~ts=~ts~n", [Name, UId]) || {Name, UId} <- lists:sort(dets:match_object(Table, '_'))],
halt(0).`;

const table = (entries: Readonly<Record<string, string>>): string => `
{ok, Made} = dets:open_file(made, [{file, File}]),
${Object.entries(entries)
  .map(([name, uid]) => `ok = dets:insert(Made, {'${name}', <<"${uid}">>}),`)
  .join('\n')}
ok = dets:close(Made),`;

describe('names of queues whose broker died just after their declaration', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'one-member-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function restored(name: string, logs: Record<string, string>, before: string) {
    const own = join(folder, name);
    const program = renderTemplate(template, { data: '/mnt' }).content;
    writeTree(own, { 'one-member.eval': program, ...logs });
    const argv = ['-noinput', '-boot', 'no_dot_erlang', '-eval', evaluate(before)];
    const { code, output } = await nativeTool('erl', own, () => argv);
    expect(code, output).toBe(0);
    return output.trim().split('\n');
  }

  it('come back from their logs, and others stay as they are', async () => {
    const logs = { ...logOf('orders', 'ORDERS1'), ...logOf('bills', 'BILLS1') };
    expect(await restored('lost', logs, table({ bills: 'BILLS1' }))).toEqual([
      'one-member: the queue orders had lost its log ORDERS1; it is found again',
      'bills=BILLS1',
      'orders=ORDERS1',
    ]);
  });

  it('lead to the log that is there where the table names one that is not', async () => {
    const found = await restored('stale', logOf('orders', 'ORDERS2'), table({ orders: 'ORDERS1' }));
    expect(found).toContain('orders=ORDERS2');
  });

  it('are left alone where nothing is missing, with a deleted queue of the same name', async () => {
    const logs = { ...logOf('orders', 'ORDERS1'), ...logOf('orders', 'ORDERS2') };
    expect(await restored('whole', logs, table({ orders: 'ORDERS1' }))).toEqual(['orders=ORDERS1']);
  });

  it('are all made again where the table cannot be read, and that one is kept', async () => {
    const before = 'ok = file:write_file(File, binary:copy(<<"torn">>, 2000)),';
    const [said, ...found] = await restored('torn', logOf('orders', 'ORDERS1'), before);
    expect(said).toMatch(/cannot be read \(.*not_a_dets_file.*kept as .*unreadable-\d+/);
    expect(found).toContain('orders=ORDERS1');
  });

  it.each([
    ['empty', 'ok = file:write_file(File, <<>>),'],
    ['missing', ''],
  ])('are made where the table is %s', async (name, before) => {
    expect(await restored(name, logOf('orders', 'ORDERS1'), before)).toContain('orders=ORDERS1');
  });

  it('are no matter where no broker has been yet', async () => {
    const program = renderTemplate(template, { data: '/mnt' }).content;
    writeTree(join(folder, 'empty'), { 'one-member.eval': program });
    const argv = ['-noinput', '-eval', 'ok = file:eval("/mnt/one-member.eval"), halt(0).'];
    const { code, output } = await nativeTool('erl', join(folder, 'empty'), () => argv);
    expect(code, output).toBe(0);
    expect(output.trim()).toBe('');
  });
});
