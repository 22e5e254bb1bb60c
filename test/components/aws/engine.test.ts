import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { repositoryRoot } from '../../../infra/paths.ts';
import { awsProject } from '../../../scripts/bench/aws-programs.ts';
import { environmentOf } from '../../../scripts/lib/new-stack.ts';
import { findPulumi } from '../../../scripts/lib/pulumi-cli.ts';
import { withFullPackPaths } from '../../../scripts/lib/policy-pack.ts';
import { skipTest } from '../../lib/skip-test.ts';

const folder = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-engine-'));
vi.stubEnv('PULUMI_CONFIG_PASSPHRASE', 'of a test');
vi.stubEnv('PULUMI_HOME', join(folder, 'home'));
vi.stubEnv('PULUMI_BACKEND_URL', `file://${folder}`);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** The smallest that `npm run new` writes for EC2. */
const environment = environmentOf({
  topology: 'warren',
  frontEnd: 'direct',
  target: 'aws',
  zones: ['a', 'b'],
  memory: '7GiB',
  disk: '28GiB',
  aws: { region: 'eu-central-1', instanceType: 'm7g.large', packages: 'nat' },
});
const pack = withFullPackPaths(['--policy-pack', 'policy'], repositoryRoot);
const deadlineMs = 120_000;

/** What the real engine says to a preview: to its end, or with the error that it ended with. */
async function preview(name: string, config: object, argv: readonly string[], main?: string) {
  const pulumi = await findPulumi();
  if (pulumi === undefined) skipTest('there is no Pulumi CLI; npm run setup makes one');
  const options = { toolDir: pulumi.dir, signal: AbortSignal.timeout(deadlineMs) };
  const stack = { name, environment: config };
  const project = await awsProject(join(folder, name), stack, options, main);
  return project.run('preview', '--color', 'never', '--suppress-outputs', ...argv);
}

it('the policy pack lets an environment of the kit pass', { timeout: deadlineMs }, async () => {
  const said = await preview('sound', environment, pack);
  expect(said).toMatch(/rabbitmq-ha-kit@v0\.1\.0/);
  expect(said).toMatch(/\+ \d+ to create/);
  expect(said).not.toContain('mandatory');
});

it('it refuses one that a program spoilt, and names what', { timeout: deadlineMs }, async () => {
  const spoilt = preview('spoilt', environment, pack, 'test/aws/spoilt/index.ts');
  await expect(spoilt).rejects.toThrow(
    /exit [1-9]\d*:[^]*\[mandatory\] {2}closed-to-the-world .*: spoilt-broker-in-tcp-5672-/,
  );
});

it('a mistake in a config is shown without a stack trace', { timeout: deadlineMs }, async () => {
  const wrong = preview('wrong', { ...environment, frontEnd: 'nlb' }, []);
  await expect(wrong).rejects.toThrow(
    /error: the config of stack wrong has one problem\n\s+frontEnd would send clients[^]*fix: /,
  );
  await expect(wrong).rejects.not.toThrow(/\n\s+at .*\.ts:\d+/);
});
