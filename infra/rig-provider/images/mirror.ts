import { existsSync, readFileSync } from 'node:fs';

import type { Release } from '../../plan/model.ts';
import { exec } from '../exec.ts';

/** One line of `apt-get indextargets`: where this machine takes packages from. */
export interface AptTarget {
  readonly uri: string;
  /** e.g. `bookworm-security`. */
  readonly suite: string;
  readonly component: string;
}

export interface Mirror {
  /** A deb822 sources file; empty to let mmdebstrap take its default. */
  readonly sources: string;
  /** apt settings of this machine that reaching the mirror may need, in apt.conf's syntax. */
  readonly aptConf: string;
}

/**
 * The mirror that images are built from. On Debian it is the machine's own, with the same settings,
 * so that a private or a snapshot mirror works; elsewhere mmdebstrap's default.
 */
export async function mirrorFor(release: Release): Promise<Mirror> {
  const format = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
  const codename = debianCodename(readOsRelease());
  const listed =
    codename === undefined
      ? ''
      : (await exec(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']))
          .stdout;
  const { stdout } = await exec(['apt-config', 'dump']);
  return {
    sources: codename === undefined ? '' : sourcesFor(release, codename, parseTargets(listed)),
    aptConf: acquireSettings(stdout),
  };
}

/** Codename of a Debian machine, e.g. `bookworm`; undefined on anything else. */
export function debianCodename(osRelease: string): string | undefined {
  if (!/^ID=debian$/m.test(osRelease)) return undefined;
  return /^VERSION_CODENAME=(\w+)$/m.exec(osRelease)?.[1];
}

export function parseTargets(text: string): AptTarget[] {
  return text
    .split('\n')
    .map((line) => line.split('|'))
    .filter((fields) => fields.length === 3)
    .map(([uri = '', suite = '', component = '']) => ({ uri, suite, component }));
}

/** The machine's suites of Debian itself, with the image's release in place of the machine's. */
export function sourcesFor(
  release: Release,
  codename: string,
  targets: readonly AptTarget[],
): string {
  const stanzas = new Set<string>();
  for (const { uri, suite, component } of targets) {
    const kind = ['', '-updates', '-security'].find((suffix) => suite === codename + suffix);
    if (kind === undefined || component !== 'main') continue;
    stanzas.add(`Types: deb\nURIs: ${uri}\nSuites: ${release}${kind}\nComponents: main\n`);
  }
  const hasBase = [...stanzas].some((stanza) => stanza.includes(`Suites: ${release}\n`));
  return hasBase ? [...stanzas].join('\n') : '';
}

/** Lines of `apt-config dump` that say how to reach a mirror and what to believe of it. */
export function acquireSettings(dump: string): string {
  const wanted = /^Acquire::(Check-Valid-Until|Check-Date|Retries|ForceIPv[46]|https?::.+) ".+";$/;
  return dump
    .split('\n')
    .filter((line) => wanted.test(line))
    .map((line) => `${line}\n`)
    .join('');
}

function readOsRelease(): string {
  return existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
}
