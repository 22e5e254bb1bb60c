import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../paths.ts';
import { compileStrict } from './compiled.ts';
import { withoutComments } from './programs.ts';

/**
 * Templates as functions of their contexts. Each is read and compiled once per process, and rendered
 * once per context object: a context that many hosts share (the same object) costs once.
 */

/** Rendered text of one template with one context, and the same text as a YAML literal block. */
export interface RenderedText {
  readonly content: string;
  readonly block: string;
}

type Context = Readonly<Record<string, unknown>>;
type Template = (context: Context) => RenderedText;

const templateFolder = join(repositoryRoot, 'templates');
const compiled = new Map<string, Template>();

/**
 * Renders `templates/<name>`; a name that ends in `.hbs` is a Handlebars template, all else is copied.
 * @throws when there is no such template, or when it names a field that the context does not have.
 */
export function renderTemplate(name: string, context: Context): RenderedText {
  let template = compiled.get(name);
  if (template === undefined) {
    template = compileTemplate(name, readTemplate(name));
    compiled.set(name, template);
  }
  return template(context);
}

function readTemplate(name: string): string {
  try {
    return readFileSync(join(templateFolder, name), 'utf8');
  } catch (cause) {
    throw new Error(`no template "${name}": there is no such file under templates/`, { cause });
  }
}

/** Turns a template's text into a function; `name` only serves errors. */
export function compileTemplate(name: string, text: string): Template {
  const source = withoutComments(name, text);
  if (!name.endsWith('.hbs')) {
    const copied = withBlock(source);
    return () => copied;
  }
  const render = compileStrict(source);
  const byContext = new WeakMap<Context, RenderedText>();
  return (context) => {
    const known = byContext.get(context);
    if (known !== undefined) return known;
    const rendered = withBlock(render(context));
    byContext.set(context, rendered);
    return rendered;
  };
}

const indentation = '      ';

function withBlock(content: string): RenderedText {
  return { content, block: literalBlock(content) };
}

/**
 * A YAML literal block, header included, whose lines are indented by six spaces below a key that is
 * indented by four.
 * @throws when the text holds characters that a literal block cannot carry.
 */
function literalBlock(content: string): string {
  // eslint-disable-next-line no-control-regex -- these are the characters that YAML cannot carry
  const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f]/u.exec(content);
  if (unprintable !== null) {
    const code = content.charCodeAt(unprintable.index).toString(16).padStart(4, '0');
    throw new Error(`U+${code} cannot be written into user-data; use printable text`);
  }
  if (content === '') return '""';
  const body = content.endsWith('\n') ? content.slice(0, -1) : content;
  const keep = content.endsWith('\n') ? (body === '' || body.endsWith('\n') ? '+' : '') : '-';
  const explicit = /^\s/u.test(content) ? '2' : '';
  return `|${explicit}${keep}\n${indentation}${body.replaceAll(/\n(?!\n|$)/gu, `\n${indentation}`)}`;
}
