import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileTemplate, renderTemplate } from '../../../infra/render/templates.ts';

describe('a template', () => {
  const render = (source: string, context: object): string =>
    compileTemplate('sample.hbs', source)({ ...context }).content;

  it('places fields without escaping them', () => {
    expect(render('{{a.b}}', { a: { b: `<"&'>` } })).toBe(`<"&'>`);
  });

  it.each([
    ['a field', '{{feild}}'],
    ['a field of a field', '{{field.feild}}'],
    ['the condition of a block', '{{#if feild}}yes{{/if}}'],
    ['the list of a block', '{{#each feild}}{{this}}{{/each}}'],
    ['the argument of a helper', '{{#if (eq feild "x")}}yes{{/if}}'],
    ['a field of the context around a list', '{{#each list}}{{../feild}}{{/each}}'],
  ])('refuses a misspelt name in %s', (_where, source) => {
    expect(() => render(source, { field: { a: 1 }, list: [1] })).toThrow(/"feild" not defined/);
  });

  it('takes a field that is there without a value as no', () => {
    expect(render('{{#if a}}yes{{else}}no{{/if}}', { a: undefined })).toBe('no');
  });

  it('refuses helpers that do not exist', () => {
    expect(() => render('{{shout "x"}}', {})).toThrow(/shout/);
  });

  it('that does not exist is named', () => {
    expect(() => renderTemplate('broker/no-such-file', {})).toThrow(
      'no template "broker/no-such-file"',
    );
  });
});

describe('the literal block of user-data', () => {
  it.each([
    'one line\n',
    'no end',
    'two\nlines\n',
    'blank\n\n  indented\n\tand a tab\n',
    'ends blank\n\n',
    '  begins with blanks\n',
    '\nbegins empty\n',
    'key: "value" # {} [] & * ! | > %\n',
    '',
  ])('carries %j unchanged', (content) => {
    const { block } = compileTemplate('sample', content)({});
    const document: unknown = parse(`list:\n  - path: x\n    content: ${block}\nnext: 1\n`);
    expect(document).toEqual({ list: [{ path: 'x', content }], next: 1 });
  });

  it('refuses characters that YAML cannot carry', () => {
    expect(() => compileTemplate('sample', 'bell \u0007')).toThrow('U+0007');
  });
});
