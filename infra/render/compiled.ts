import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import type Handlebars from 'handlebars';
import { cacheDir } from '../paths.ts';

/**
 * Handlebars templates as functions. Loading its compiler and compiling takes most of the time of a
 * cold render, so the code that it makes is kept in the cache, named by a hash of all that it follows
 * from; only templates that are new there need the compiler.
 */
const require = createRequire(import.meta.url);
const runtime = (require('handlebars/runtime') as typeof Handlebars).create();
runtime.registerHelper('eq', (left: unknown, right: unknown) => left === right);
runtime.registerHelper('join', (list: readonly unknown[], separator: string) =>
  list.join(separator),
);
runtime.registerHelper('json', (value: unknown) => JSON.stringify(value));

/**
 * Source of the template as JavaScript.
 *
 * Handlebars' strict mode covers `{{field}}` but not the arguments of helpers and blocks, where a
 * misspelt `{{#if feild}}` would silently mean "no". Marking every path of the syntax tree as strict
 * closes that gap; `@index` and the like are Handlebars' own data and stay as they are.
 */
function toJavaScript(source: string): string {
  const compiler = require('handlebars') as typeof Handlebars;
  class StrictPaths extends compiler.Visitor {
    override PathExpression(path: hbs.AST.PathExpression): void {
      if (!path.data) Object.assign(path, { strict: true });
    }
  }
  const tree = compiler.parse(source);
  new StrictPaths().accept(tree);
  return compiler.precompile(tree, {
    strict: true,
    noEscape: true,
    knownHelpers: { eq: true, join: true, json: true },
    knownHelpersOnly: true,
  }) as string;
}

/** What the code follows from, besides the template: this compiler and how it is used above. */
const maker = `${runtime.VERSION}\n${toJavaScript.toString()}\n`;

/** The template as a function of its context, which throws at a name that the context lacks. */
export function compileStrict(source: string): (context: object) => string {
  const hash = createHash('sha256').update(maker).update(source).digest('hex');
  const file = join(cacheDir, 'templates', `${hash}.js`);
  const known = load(file);
  return runtime.template(known ?? evaluate(keep(file, toJavaScript(source)), file));
}

const evaluate = (code: string, filename: string): TemplateSpecification =>
  runInThisContext(`(${code})`, { filename }) as TemplateSpecification;

/** Undefined when it is not there, or was cut off when the machine lost power. */
function load(file: string): TemplateSpecification | undefined {
  try {
    return evaluate(readFileSync(file, 'utf8'), file);
  } catch {
    return undefined;
  }
}

function keep(file: string, code: string): string {
  try {
    mkdirSync(join(file, '..'), { recursive: true });
    const fresh = `${file}.${process.pid}.tmp`;
    writeFileSync(fresh, code);
    renameSync(fresh, file);
  } catch {
    // A cache that cannot be written to costs time, nothing else.
  }
  return code;
}
