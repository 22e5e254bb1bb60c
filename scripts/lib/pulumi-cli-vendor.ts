import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { longCommand } from '../../infra/long-command.ts';

/** Long enough for the download on a slow line; where the vendor is out of reach it fails at once. */
const deadlineMs = 240_000;

/**
 * Lets the vendor's npm package of exactly this version download its binaries, into a folder of
 * their own instead of the user's Pulumi home, and copies what the kit needs to `binDir`.
 */
export async function fetchFromVendor(
  version: string,
  binDir: string,
  say: (line: string) => void,
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'rabbitmq-ha-kit-pulumi-'));
  try {
    say("downloading the vendor's binary");
    const argv = ['npm', 'exec', '--yes', `--package=pulumi@${version}`, '--', 'pulumi', 'version'];
    const printed = await longCommand(argv, {
      deadlineMs,
      cwd: home,
      env: {
        ...process.env,
        PULUMI_HOME: home,
        PULUMI_VERSION: version,
        PULUMI_SKIP_UPDATE_CHECK: '1',
      },
    });
    if (!printed.includes(version)) {
      throw new Error(`the vendor's package answered "${printed.trim()}" instead of v${version}`);
    }
    for (const tool of ['pulumi', 'pulumi-language-nodejs']) {
      await cp(join(home, 'versions', version, 'bin', tool), join(binDir, tool));
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
