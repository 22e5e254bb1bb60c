import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { UserError } from '../../infra/errors.ts';
import { longCommand } from '../../infra/long-command.ts';
import { cacheDir, repositoryRoot } from '../../infra/paths.ts';

const deadlineMs = 25 * 60_000;

const commands = {
  pulumi: { modules: 'pulumi-cli', path: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi' },
  'pulumi-language-nodejs': {
    modules: 'pulumi-language-nodejs',
    path: 'github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs',
  },
} as const;

/**
 * Builds the CLI and the language host into `binDir` from the modules pinned in
 * `infra/toolchain/`. Go's own caches (3.5 GB) live in the kit's cache while it builds, so that an
 * interrupted build goes on where it was; they are removed when it has succeeded, because nothing
 * needs them again.
 */
export async function buildWithGo(
  version: string,
  binDir: string,
  say: (line: string) => void,
): Promise<void> {
  await requireGo();
  const scratch = join(cacheDir, 'go-build');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GOMODCACHE: join(scratch, 'modules'),
    GOCACHE: join(scratch, 'objects'),
    // Read-write modules, so that they can be removed; go.mod stands without its indirect half and
    // is completed in a copy; go.sum holds the checksum of every module.
    GOFLAGS: '-modcacherw -mod=mod -trimpath -buildvcs=false',
    CGO_ENABLED: '0',
    GOWORK: 'off',
  };
  for (const [name, { modules, path }] of Object.entries(commands)) {
    const folder = join(scratch, 'src', modules);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await cp(join(repositoryRoot, 'infra', 'toolchain', modules), folder, { recursive: true });
    say(`building ${name} with Go`);
    const flags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`;
    const argv = ['go', 'build', '-o', join(binDir, name), '-ldflags', flags, path];
    await longCommand(['nice', '-n', '5', ...argv], {
      deadlineMs,
      cwd: folder,
      env,
      onLine: (line) => {
        say(`building ${name}: ${line}`);
      },
    });
  }
  await rm(scratch, { recursive: true, force: true });
}

/** Go 1.21 and later fetch the toolchain that go.mod asks for by themselves. */
async function requireGo(): Promise<void> {
  const fix =
    'install Go 1.21 or later (Debian 13, Ubuntu 24.04: apt-get install golang-go; Debian 12: golang-1.2x-go from backports), or the Pulumi CLI itself';
  const printed = await longCommand(['go', 'env', 'GOVERSION'], { deadlineMs: 30_000 }).catch(
    (cause: unknown) => {
      throw new UserError({ what: 'Go is not there to build the Pulumi CLI with', fix, cause });
    },
  );
  const [, major = '0', minor = '0'] = /go(\d+)\.(\d+)/.exec(printed) ?? [];
  if (Number(major) > 1 || Number(minor) >= 21) return;
  throw new UserError({
    what: 'Go is too old to build the Pulumi CLI with',
    value: printed.trim(),
    allowed: 'Go 1.21 or later',
    fix,
  });
}
