import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderEnvironment } from '../../../infra/render/environment.ts';
import { writeTree } from '../../lib/golden.ts';
import { type NativeResult, nativeTool } from '../../lib/native-tools.ts';
import { sampleNames, samplePlan } from '../../lib/sample-environments.ts';

/**
 * What a broker does with its settings before it starts: the schemas of its own packages judge each key
 * and value. Files that they name are on hosts only, so that empty ones stand for them.
 */
const judge = `
[code:add_pathz(P) || P <- filelib:wildcard("/usr/lib/rabbitmq/lib/*/plugins/*/ebin")],
Schema = cuttlefish_schema:files(
  filelib:wildcard("/usr/lib/rabbitmq/lib/*/plugins/*/priv/schema/*.schema")),
Settings = cuttlefish_conf:files(
  ["/mnt/rabbitmq.conf" | lists:sort(filelib:wildcard("/mnt/conf.d/*.conf"))]),
[begin filelib:ensure_dir(File), file:write_file(File, "") end
  || {_, "/run/" ++ _ = File} <- Settings],
case cuttlefish_generator:map(Schema, Settings) of
  {error, _, Errors} -> io:format("~tp~n", [Errors]), halt(1);
  _ -> ok
end,
case filelib:is_file("/mnt/advanced.config") of
  true -> {ok, [_]} = file:consult("/mnt/advanced.config");
  false -> ok
end,
halt(0).`;

/** One of each release: what must be refused is. */
const judged = new Set(['quorum', 'mirrored']);

describe.each(sampleNames)('settings of brokers in the sample %s', (sample) => {
  const plan = samplePlan(sample);
  const [broker] = plan.hosts;
  const release = broker?.release ?? 'trixie';
  const [rendered] = renderEnvironment({ ...plan, hosts: plan.hosts.slice(0, 1) });
  const prefix = '/etc/rabbitmq/';
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), `settings-${sample}-`));
    const files = (rendered?.files ?? []).filter(({ path }) => path.startsWith(prefix));
    writeTree(
      folder,
      Object.fromEntries(files.map(({ path, content }) => [path.slice(prefix.length), content])),
    );
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const check = async (): Promise<NativeResult> =>
    nativeTool(
      'erl',
      folder,
      () => ['-noinput', '-boot', 'no_dot_erlang', '-eval', judge],
      release,
    );

  it('are known to their RabbitMQ', async () => {
    const { code, output } = await check();
    expect(code, output).toBe(0);
  });

  if (!judged.has(sample)) return;
  it('would not be with one key of another RabbitMQ', async () => {
    const key = release === 'bookworm' ? 'anonymous_login_user = none' : 'no_such_key = 1';
    const settings = rendered?.files.find(({ path }) => path === `${prefix}rabbitmq.conf`)?.content;
    writeFileSync(join(folder, 'rabbitmq.conf'), `${settings ?? ''}${key}\n`);
    const { code, output } = await check();
    expect(code).toBe(1);
    expect(output).toContain(key.split(' ')[0]);
  });
});
