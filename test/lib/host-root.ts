import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '../../infra/paths.ts';
import { withoutComments } from '../../infra/render/programs.ts';

/** A folder that stands for a host's root: programs of `templates/` run in it, beside fake ones. */
export class HostRoot {
  readonly path = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-host-'));

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  put(path: string, text: string, mode = 0o644): void {
    const file = join(this.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  }

  /** @param template e.g. `aws/usr/local/lib/rabbitmq-ha-kit/metadata` */
  program(template: string): void {
    const text = readFileSync(join(repositoryRoot, 'templates', template), 'utf8');
    const here = withoutComments(template, text)
      .replaceAll(/(?<=[ =])\/(etc|run|usr|var\/lib|dev\/disk)\//g, `${this.path}/$1/`)
      .replaceAll('/proc/drbd', `${this.path}/proc/drbd`)
      // A file stands for a device.
      .replaceAll('[ -b ', '[ -e ');
    this.put(template.slice(template.indexOf('/') + 1), here, 0o755);
  }

  /** A program in place of the system's; `$ROOT` is this folder. */
  fake(name: string, script: string): void {
    this.put(join('bin', name), `#!/bin/sh\nROOT=${this.path}\n${script}\n`, 0o755);
  }

  /** Runs the system's own, and notes its arguments. */
  watch(name: string): void {
    const own = `PATH=$(echo "$PATH" | cut -d: -f2-) exec ${name} "$@"`;
    this.fake(name, `echo "${name} $*" >> "$ROOT/arguments"\n${own}`);
  }

  run(program: string, args: readonly string[] = [], input = '') {
    const path = `${this.path}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`;
    const { status, stdout, stderr } = spawnSync(join(this.path, program), args, {
      encoding: 'utf8',
      input,
      env: { PATH: path, LC_ALL: 'C' },
      timeout: 30_000,
    });
    return { code: status, stdout, stderr };
  }

  /** Empty when there is no such file. */
  read(path: string): string {
    const file = join(this.path, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  lines(path: string): string[] {
    return this.read(path).split('\n').filter(Boolean);
  }

  has(path: string): boolean {
    return existsSync(join(this.path, path));
  }
}
