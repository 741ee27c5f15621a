import type { Check } from './checks/check.js';
import type { Book } from './load/book.js';

const VIOLATIONS_TOLD = 30;

/** What a run counted and found, for people. */
export function describeRun({
  title,
  seed,
  tookSeconds,
  book,
  checks,
}: {
  title: string;
  seed: number;
  tookSeconds: number;
  book: Book;
  checks: readonly Check[];
}): string[] {
  const tallies = book.tally.groups().map(([group, names]): [string, string] => {
    const total = names.reduce((sum, [, count]) => sum + count, 0);
    const parts = names.map(([name, count]) => `${name} ${count.toLocaleString('en-US')}`);
    return [
      group,
      names.length === 1 ? parts.join() : `${total.toLocaleString('en-US')}: ${parts.join(', ')}`,
    ];
  });
  return [
    '',
    `${title}, seed ${seed}, ${tookSeconds} s in all`,
    '',
    ...table([...tallies, ...(book.rankMs.length === 0 ? [] : [rankRow(book)])]),
    '',
    ...table(
      checks.map(({ name, compared, violations }) => [
        name,
        `${violations.length === 0 ? 'ok' : 'VIOLATED'}  ${compared}`,
      ]),
    ),
    '',
  ];
}

/** Whether everything held, and if not, what did not and how to see it again. */
export function verdict({
  seed,
  book,
  checks,
  directory,
}: {
  seed: number;
  book: Book;
  checks: readonly Check[];
  directory: string;
}): string[] {
  const violations = [...book.violations, ...checks.flatMap((check) => check.violations)];
  const count = violations.length - book.violations.length + book.violationCount;
  if (count === 0) return [`everything held (seed ${seed})`];
  const told = violations.slice(0, VIOLATIONS_TOLD);
  return [
    `VIOLATED, seed ${seed}; what happened when is in ${directory}`,
    ...told.map((violation) => `  ${violation}`),
    ...(count > told.length ? [`  and ${count - told.length} more`] : []),
  ];
}

/** Two columns, the first as wide as it needs to be. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function rankRow({ rankMs }: Book): readonly [string, string] {
  return ['Rank, ms', percentiles(rankMs)];
}

function percentiles(samples: readonly number[]): string {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): string =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(0) ?? '–';
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, worst ${at(1)}`;
}
