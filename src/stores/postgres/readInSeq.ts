import { PARTITIONS } from '../../core/partitions.js';
import type { SqlValue } from './sql.js';

/**
 * From so many partitions on, a page is read in order of seq and the rest filtered out: it passes
 * over at most eight rows for each that it answers. Beneath, each partition's index is read for its
 * own next seqs and the lowest of all taken: at most eight index entries for each row answered.
 * (300,000 behaviours, pages of 1,000 from the start, PostgreSQL 15: see `EXPLAIN` in the tests.)
 */
const MANY_PARTITIONS = PARTITIONS / 8;

export interface SeqPage {
  readonly afterSeq: number;
  readonly limit: number;
  readonly partitions?: readonly number[];
}

/** Selects a page of a log that has `seq`, `user_partition` and indexes on (seq) and on both. */
export function selectInSeq(
  { table, columns }: { readonly table: string; readonly columns: string },
  { afterSeq, limit, partitions }: SeqPage,
): { readonly select: string; readonly values: readonly SqlValue[] } {
  const wanted = partitions === undefined ? undefined : [...new Set(partitions)];
  if (wanted === undefined || wanted.length >= PARTITIONS) {
    const select = `SELECT ${columns} FROM ${table} WHERE seq > $1 ORDER BY seq LIMIT $2`;
    return { select, values: [afterSeq, limit] };
  }
  const select =
    wanted.length >= MANY_PARTITIONS
      ? `SELECT ${columns} FROM ${table}
         WHERE seq > $1 AND user_partition = ANY ($3::smallint[]) ORDER BY seq LIMIT $2`
      : `SELECT ${columns} FROM ${table} WHERE seq IN (
           SELECT due.seq FROM unnest($3::smallint[]) AS wanted (user_partition) CROSS JOIN LATERAL (
             SELECT seq FROM ${table}
             WHERE user_partition = wanted.user_partition AND seq > $1 ORDER BY seq LIMIT $2
           ) AS due ORDER BY due.seq LIMIT $2
         ) ORDER BY seq`;
  return { select, values: [afterSeq, limit, wanted] };
}
