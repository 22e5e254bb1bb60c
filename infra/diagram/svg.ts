import type { EnvironmentPlan } from '../plan/model.ts';
import { layOutDiagram } from './layout.ts';
import { type Label, type Line, type Scene, type Shape, textLooks } from './scene.ts';

/**
 * A plan as one SVG document: the same bytes for the same plan. Colours follow the viewer's light or
 * dark scheme, on a ground of its own, so that it reads on any page.
 */
export const diagramSvg = (plan: EnvironmentPlan): string => writeSvg(layOutDiagram(plan));

const sans = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";
const mono = "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace";

const light = {
  ground: '#ffffff',
  text: '#1c2330',
  muted: '#57606f',
  edge: '#b8c0cc',
  zone: '#f2f5f9',
  network: '#8fa3bd',
  host: '#ffffff',
  vip: '#fff3e0',
  holder: '#c76a00',
  client: '#1565c0',
  service: '#00796b',
  peer: '#7b3fb5',
};
const dark: typeof light = {
  ground: '#12161d',
  text: '#e8ecf2',
  muted: '#a3adbb',
  edge: '#465062',
  zone: '#1b212b',
  network: '#5f748f',
  host: '#262e3b',
  vip: '#3a2a12',
  holder: '#ffb454',
  client: '#6cb2ff',
  service: '#4fd1bf',
  peer: '#c99bf5',
};

const variables = (colours: typeof light): string =>
  Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

const flows = ['client', 'service', 'peer'] as const;

const style = [
  `svg{${variables(light)}}`,
  `@media (prefers-color-scheme:dark){svg{${variables(dark)}}}`,
  `text{font-family:${sans};fill:var(--text)}`,
  ...Object.entries(textLooks).map(
    ([name, { size, weight, mono: fixed }]) =>
      `.${name}{font-size:${size}px;font-weight:${weight}${fixed ? `;font-family:${mono}` : ''}}`,
  ),
  '.subtitle,.network,.address,.note{fill:var(--muted)}',
  '.ground{fill:var(--ground);stroke:var(--edge)}',
  'rect.zone{fill:var(--zone)}',
  'rect.network{fill:none;stroke:var(--network);stroke-dasharray:2 4;stroke-width:1.5}',
  'rect.host{fill:var(--host);stroke:var(--edge);stroke-width:1.5}',
  'rect.outside{fill:var(--ground);stroke:var(--client);stroke-width:1.5}',
  'rect.vip{fill:var(--vip);stroke:var(--holder);stroke-width:1.5}',
  'rect.card{fill:var(--ground);stroke-width:1.2}',
  'path{fill:none;stroke-width:1.6}',
  'path.holder{stroke:var(--holder);stroke-dasharray:5 4}',
  ...flows.flatMap((flow) => [
    `path.${flow},rect.${flow}{stroke:var(--${flow})}`,
    `.tip-${flow}{fill:var(--${flow})}`,
  ]),
].join('\n');

function writeSvg({ width, height, title, description, parts }: Scene): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title desc">`,
    `<title id="title">${escape(title)}</title>`,
    `<desc id="desc">${escape(description)}</desc>`,
    `<style>\n${style}\n</style>`,
    '<defs>',
    ...flows.map(tip),
    '</defs>',
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="12"/>`,
    ...parts.map(writePart),
    '</svg>',
    '',
  ].join('\n');
}

const tip = (flow: string): string =>
  `<marker id="${flow}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" ` +
  `markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="tip-${flow}" d="M0 0L8 4L0 8z" style="stroke:none"/></marker>`;

function writePart(part: Shape | Label | Line): string {
  if (part.kind === 'line') return writeLine(part);
  if (part.kind === 'text') return writeLabel(part);
  const { look, flow, x, y, width, height } = part;
  const radius = look === 'outside' ? height / 2 : look === 'zone' ? 10 : 7;
  const names = flow === undefined ? look : `${look} ${flow}`;
  return `<rect class="${names}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${radius}"/>`;
}

function writeLine({ look, path, arrow }: Line): string {
  const end = arrow === 'none' ? '' : ` marker-end="url(#${look})"`;
  const start = arrow === 'both' ? ` marker-start="url(#${look})"` : '';
  const rounded = path.replaceAll(/\d+\.\d+/g, (number) => n(Number(number)));
  return `<path class="${look}" d="${rounded}"${start}${end}/>`;
}

function writeLabel({ look, text, anchor, x, y, width, height }: Label): string {
  const at = anchor === 'middle' ? x + width / 2 : x;
  // The baseline: about three quarters down a line.
  const baseline = y + height / 2 + textLooks[look].size * 0.35;
  const middle = anchor === 'middle' ? ' text-anchor="middle"' : '';
  return `<text class="${look}" x="${n(at)}" y="${n(baseline)}"${middle}>${escape(text)}</text>`;
}

const n = (number: number): string => String(Math.round(number * 10) / 10);

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
