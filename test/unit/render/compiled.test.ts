import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'rabbitmq-ha-kit-compiled-'));
  vi.stubEnv('RABBITMQ_HA_KIT_CACHE', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

/** As in a process of its own. */
async function compile(source: string): Promise<(context: object) => string> {
  vi.resetModules();
  const { compileStrict } = await import('../../../infra/render/compiled.ts');
  return compileStrict(source);
}

const kept = (): string[] => readdirSync(join(cache, 'templates')).sort();

describe('a compiled template', () => {
  const source = '{{#each list}}{{this}},{{/each}}{{#if (eq name "a")}}{{json name}}{{/if}}';

  it('is taken from the cache the next time, and says the same', async () => {
    const context = { list: [1, 2], name: 'a' };
    expect((await compile(source))(context)).toBe('1,2,"a"');
    const files = kept();
    expect(files).toHaveLength(1);
    // What is there is what runs.
    writeFileSync(join(cache, 'templates', files[0] ?? ''), standIn);
    expect((await compile(source))(context)).toBe('from the cache');
    expect(kept()).toEqual(files);
  });

  it('refuses a misspelt name from the cache too', async () => {
    for (const state of ['new', 'cached']) {
      const render = await compile('{{#if feild}}yes{{/if}}');
      expect(() => render({ field: 1 }), state).toThrow(/"feild" not defined/);
    }
    expect(kept()).toHaveLength(1);
  });

  it('is kept apart from another', async () => {
    expect((await compile('a{{x}}'))({ x: 1 })).toBe('a1');
    expect((await compile('b{{x}}'))({ x: 1 })).toBe('b1');
    expect(kept()).toHaveLength(2);
  });

  it('is made anew when its file was cut off', async () => {
    await compile(source);
    const [file = ''] = kept();
    for (const left of ['', '{"compiler":[8,']) {
      writeFileSync(join(cache, 'templates', file), left);
      expect((await compile(source))({ list: [1], name: '' })).toBe('1,');
    }
  });

  it('needs no cache that can be written to', async () => {
    writeFileSync(join(cache, 'templates'), 'no folder');
    expect((await compile('a{{x}}'))({ x: 1 })).toBe('a1');
  });
});

const standIn = '{compiler: [8, ">= 4.3.0"], main() { return "from the cache"; }}';
