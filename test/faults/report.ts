import type { Check } from './checks/check.js';
import type { Book } from './load/book.js';

/** What a run counted and found, for people. */
export function describeRun({
  title,
  book,
  checks,
  facts,
}: {
  title: string;
  book: Book;
  checks: readonly Check[];
  facts: readonly (readonly [string, string])[];
}): string[] {
  const tallies = book.tally
    .groups()
    .map(([group, names]): [string, string] => [
      group,
      names.map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`).join(', '),
    ]);
  return [
    title,
    '',
    ...table([...facts, ...tallies, ['Rank, ms', percentiles(book.rankMs)]]),
    '',
    ...table(
      checks.map(({ name, compared, violations }) => [
        name,
        `${violations.length === 0 ? 'ok' : 'VIOLATED'}  ${compared}`,
      ]),
    ),
  ];
}

/** Two columns, the first as wide as it needs to be. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function percentiles(samples: readonly number[]): string {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(0) ?? '–';
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, worst ${at(1)}`;
}
