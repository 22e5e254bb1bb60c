import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../../../infra/paths.ts';

const pages = [
  join(repositoryRoot, 'README.md'),
  ...readdirSync(join(repositoryRoot, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(repositoryRoot, 'docs', name)),
].map((path) => ({
  name: relative(repositoryRoot, path),
  folder: dirname(path),
  text: readFileSync(path, 'utf8'),
}));

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, found]) => found ?? []);

/** Anchors as GitHub makes them. */
const anchorsOf = (text: string): string[] =>
  matches(text, /^#+ (.+)$/gm).map((title) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('every npm script that a page names exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = pages.flatMap(({ name, text }) =>
    matches(text, /npm run (?:--silent )?([a-z][a-z:-]*)/g).map((script) => ({ name, script })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([]);
});

test('every relative link leads somewhere', () => {
  const links = pages.flatMap(({ name, folder, text }) =>
    matches(text, /\]\(([^)\s]+)\)/g)
      .filter((link) => !/^[a-z]+:/.test(link))
      .map((link) => ({ name, folder, link })),
  );
  expect(links.length).toBeGreaterThan(10);
  const broken = links.filter(({ name, folder, link }) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? join(repositoryRoot, name) : join(folder, path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
  expect(broken.map(({ name, link }) => `${name}: ${link}`)).toEqual([]);
});

test('every page of docs/ is reached from the README', () => {
  const [readme, ...others] = pages;
  const linked = matches(readme?.text ?? '', /\]\((docs\/[^)\s#]+)/g);
  expect(others.map(({ name }) => name).filter((name) => !linked.includes(name))).toEqual([]);
});
