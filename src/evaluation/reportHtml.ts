import type { EvaluationResult } from './evaluationResult.js';
import { type ReportTable, reportHeading, reportSettings, reportTables } from './reportTables.js';

const STYLE = `
  body { font: 15px/1.5 Helvetica, Arial, 'DejaVu Sans', sans-serif; color: #1f2933; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
  h1 { font-size: 1.4rem; }
  .wide { overflow-x: auto; margin: 1.5rem 0; }
  svg { max-width: 100%; height: auto; }
  table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
  th, td { padding: 0.2rem 0.6rem; text-align: right; }
  th:first-child, td:first-child { text-align: left; }
  thead th { border-bottom: 2px solid #7b8794; }
  tr.judged td { color: #c2410c; font-weight: bold; }
  .note, footer { color: #52606d; font-size: 0.85rem; }
`;

/**
 * The result as one HTML page that needs nothing else: what was asked, the plot, the tables of the text
 * report, and how all of it was made. `plot` is an SVG that is trusted; all other text is escaped.
 */
export function reportHtml(result: EvaluationResult, plot: string): string {
  const [title = '', ...facts] = reportHeading(result);
  const settings = reportSettings(result);
  const judged = result.comparisons[0]?.subject;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${escaped(title)}</h1>`,
    ...facts.map((fact) => `<p>${escaped(fact)}</p>`),
    `<div class="wide">${plot}</div>`,
    ...reportTables(result).map((table) => htmlTable(table, judged)),
    `<h2>${escaped(settings.title)}</h2>`,
    `<ul>${settings.tuned.map((line) => `<li>${escaped(line)}</li>`).join('')}</ul>`,
    `<footer>${escaped(result.madeAt)}, ${escaped(settings.ran)}</footer>`,
    '</body>',
    '</html>',
  ].join('\n');
}

function htmlTable({ header, rows, note }: ReportTable, judged: string | undefined): string {
  const cells = (row: readonly string[], tag: 'th' | 'td') =>
    row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('');
  const body = rows.map((row) => `<tr${row[0] === judged ? ' class="judged"' : ''}>${cells(row, 'td')}</tr>`);
  return [
    '<div class="wide"><table>',
    `<thead><tr>${cells(header, 'th')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table>',
    ...(note === undefined ? [] : [`<p class="note">${escaped(note)}</p>`]),
    '</div>',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
