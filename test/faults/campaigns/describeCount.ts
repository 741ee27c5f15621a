import type { Book } from '../load/book.js';
import { table } from '../report.js';
import type { LedgerCount } from './countOvershoot.js';

/** What campaigns were answered, and what the ledger says came of it. */
export function describeCount({
  book: { tally },
  count,
  tookSeconds,
}: {
  book: Book;
  count: LedgerCount;
  tookSeconds: number;
}): string[] {
  const of = (kind: string): number => tally.of('decisions of ReserveTouch', kind);
  const decisions = of('allow') + of('delay') + of('deny');
  const retried = tally.groups().find(([group]) => group === 'retried')?.[1] ?? [];
  const rows: [string, number][] = [
    ['decisions', decisions],
    ['decisions a second', Math.round(decisions / tookSeconds)],
    ['allowed', of('allow')],
    ['delayed', of('delay')],
    ['denied', of('deny')],
    ['retried', retried.reduce((sum, [, times]) => sum + times, 0)],
    ['permits', count.permits],
    ['committed', count.committed],
    ['released', count.released],
    ['lapsed', count.lapsed],
    ['people at their cap', count.peopleAtTheCap],
    ['overshoot', count.overshoot],
  ];
  return [...table(rows.map(([name, value]) => [name, value.toLocaleString('en-US')])), ''];
}
