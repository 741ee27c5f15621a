import type { Book } from '../load/book.js';
import { RANK_DEADLINE_MS } from '../world/serverProcess.js';
import type { Check } from './check.js';

/** Six Redis nodes, PostgreSQL, two servers and their callers may be more than a machine has processors for. */
const LATE_SHARE = 1 / 200;

/** Pages came in time from servers that were left alone, whatever happened to their engines. */
export function checkPages({ rankMs, latePages }: Book): Check {
  const isLate = latePages > LATE_SHARE * rankMs.length;
  return {
    name: 'pages',
    compared: `${rankMs.length} within ${RANK_DEADLINE_MS} ms, ${latePages} later, of servers that were left alone`,
    violations: isLate ? [`${latePages} pages of servers that were left alone came late`] : [],
  };
}
