import { availableParallelism, loadavg } from 'node:os';
import type { Book } from '../load/book.js';
import { RANK_DEADLINE_MS } from '../world/serverProcess.js';
import type { Check } from './check.js';

/** Six Redis nodes, PostgreSQL, two servers and their callers are more than a small machine has processors for. */
const LATE_SHARE = 1 / 200;
/** A run alone makes some three processes want a processor; where it is more for each, others are at work. */
const CROWDED = 3;
const LATE_SHARE_IN_A_CROWD = 1 / 20;

/**
 * Pages came in time from servers that were left alone, whatever happened to their engines. (That they
 * are answered at all, and how well, is looked at as they come.)
 */
export function checkPages({ rankMs, latePages }: Book): Check {
  const waiting = (loadavg()[0] ?? 0) / availableParallelism();
  const allowed = (waiting > CROWDED ? LATE_SHARE_IN_A_CROWD : LATE_SHARE) * rankMs.length;
  const crowd = waiting > CROWDED ? `; ${waiting.toFixed(1)} processes wait for each processor here` : '';
  return {
    name: 'pages',
    compared: `${rankMs.length} within ${RANK_DEADLINE_MS} ms, ${latePages} later, of servers that were left alone${crowd}`,
    violations: latePages > allowed ? [`${latePages} pages of servers that were left alone came late`] : [],
  };
}
