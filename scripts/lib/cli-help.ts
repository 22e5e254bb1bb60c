import { allOptions } from './cli-model.ts';
import type { Command, OptionSpec, OptionSpecs } from './cli-model.ts';

const width = 96;

/** The text of `--help`, with a final newline. */
export function helpText(command: Omit<Command<OptionSpecs>, 'main'>): string {
  const specs = allOptions(command);
  const positionals = command.positionals ?? [];
  const words = positionals.map(({ name, required }) => (required === true ? name : `[${name}]`));
  const rest = command.rest ? [`[-- ${command.rest.name}...]`] : [];
  const described = [...positionals, ...(command.rest ? [command.rest] : [])];
  const sections = [
    command.summary,
    `Usage: npm run ${command.name} -- ${['[options]', ...words, ...rest].join(' ')}`,
    table(
      'Arguments',
      described.map(({ name, description }) => [name, description]),
    ),
    table(
      'Options',
      Object.entries(specs).map(([name, spec]) => [flag(name, spec), meaning(spec)]),
    ),
    ...(command.notes ?? []).map((note) => wrap(note, '')),
    table('Examples', command.examples, true),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function flag(name: string, spec: OptionSpec): string {
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  if (spec.type === 'boolean') return `${short}--${name}`;
  return `${short}--${name} ${spec.placeholder ?? (spec.type === 'number' ? 'N' : 'VALUE')}`;
}

function meaning(spec: OptionSpec): string {
  if (spec.type === 'boolean') return spec.description;
  const notes = [
    spec.type === 'string' && spec.choices ? `one of ${spec.choices.join(', ')}` : '',
    spec.type === 'string' && spec.multiple ? 'may be repeated' : '',
    spec.default === undefined ? '' : `default ${spec.default}`,
  ].filter((note) => note !== '');
  return notes.length === 0 ? spec.description : `${spec.description} (${notes.join('; ')})`;
}

/** Two columns; with `stacked` the second goes under the first, for long command lines. */
function table(
  title: string,
  rows: readonly (readonly [string, string])[],
  stacked = false,
): string {
  if (rows.length === 0) return '';
  const column = Math.max(...rows.map(([left]) => left.length)) + 4;
  const lines = rows.map(([left, right]) =>
    stacked
      ? `  ${left}\n${wrap(right, '      ')}`
      : `  ${left.padEnd(column - 2)}${wrap(right, ' '.repeat(column)).trimStart()}`,
  );
  return [`${title}:`, ...lines].join('\n');
}

function wrap(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each).join('\n');
}
