import { styleText } from 'node:util';

export type Tone = 'green' | 'yellow' | 'red' | 'bold';
export type Paint = (tone: Tone, text: string) => string;
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** Only called where colour was asked for: what the stream is has been looked at already. */
export const painter =
  (colour: boolean): Paint =>
  (tone, text) =>
    colour ? styleText(tone, text, { validateStream: false }) : text;

export const good = (ok: boolean, text: string): Cell => ({ text, tone: ok ? 'green' : 'red' });

/** Lines with columns below each other; the first row is their head. */
export function table(rows: readonly (readonly Cell[])[], paint: Paint): string[] {
  const text = (cell: Cell | undefined): string =>
    cell === undefined ? '' : typeof cell === 'string' ? cell : cell.text;
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => text(row[column]).length)),
  );
  return rows.map((row, index) =>
    row
      .map((cell, column) => {
        // Padding stays outside of the colour, and the last column needs none.
        const padding = ' '.repeat(
          column === row.length - 1 ? 0 : (widths[column] ?? 0) - text(cell).length,
        );
        const tone = typeof cell === 'string' ? (index === 0 ? 'bold' : undefined) : cell.tone;
        return (tone === undefined ? text(cell) : paint(tone, text(cell))) + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}
