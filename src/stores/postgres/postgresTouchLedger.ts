import { isTouchFailure } from '../../touch/touchFailure.js';
import {
  EVIDENCE_KEPT,
  type EvidenceEntry,
  type LoggedTouchEntry,
  type OutcomeEntry,
  type PermitEntry,
  type TouchHistoryFact,
  type TouchLedger,
  type TouchLedgerEntry,
} from '../../touch/touchLedger.js';
import { arraysOf, chunksOf, columnNames, unnestOf } from './columns.js';
import { isOutage } from './engineError.js';
import { createGroupCommit } from './groupCommit.js';
import { readPage } from './pages.js';
import { dropUnreached, keepReached } from './postgresReachedTouches.js';
import { type SeqPage, selectInSeq } from './readInSeq.js';
import type { Sql, SqlQueries } from './sql.js';
import { wellFormed } from './text.js';
import { EVIDENCE_OF, HISTORY_OF, IDS_AFTER, OF_PERMITS, WORDS_OF } from './touchHistorySql.js';
import { TOUCH_LEDGER_COLUMNS, TOUCH_LEDGER_READ, touchEntryFromRow } from './touchLedgerColumns.js';
import { takeWriteLock } from './writeLocks.js';

const MAX_ENTRIES_A_STATEMENT = 500;

const INSERT = `
  INSERT INTO touch_ledger (seq, ${columnNames(TOUCH_LEDGER_COLUMNS)})
  SELECT nextval('touch_ledger_seq'), entries.*
  FROM (
    SELECT ${columnNames(TOUCH_LEDGER_COLUMNS)} FROM ${unnestOf(TOUCH_LEDGER_COLUMNS)} ORDER BY ordinal
  ) AS entries`;

const LEDGER = { table: 'touch_ledger', columns: TOUCH_LEDGER_READ } as const;

/** The touch ledger in PostgreSQL. Writers take turns (`writeLocks.ts`), so what is read is final. */
export class PostgresTouchLedger implements TouchLedger {
  readonly #sql: Sql;
  readonly #groupCommit: (entries: readonly TouchLedgerEntry[]) => Promise<true[]>;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#groupCommit = createGroupCommit({
      maxItems: MAX_ENTRIES_A_STATEMENT,
      isOutage,
      commit: (entries) => sql.transaction((queries) => appendAll(queries, entries)),
    });
  }

  async append(entries: readonly TouchLedgerEntry[]): Promise<void> {
    await this.#groupCommit(entries);
  }

  async read(page: SeqPage): Promise<LoggedTouchEntry[]> {
    if (page.partitions?.length === 0) return [];
    const { select, values } = selectInSeq(LEDGER, page);
    return (await readPage(this.#sql, { select, orderBy: 'seq', values })).map(touchEntryFromRow);
  }

  async lastSeq(): Promise<number> {
    const [row] = await this.#sql.query<{ seq: number }>(
      'SELECT coalesce(max(seq), 0) AS seq FROM touch_ledger',
    );
    return row?.seq ?? 0;
  }

  async historyOf({
    userIds,
    beforeSeq,
    limit,
  }: Parameters<TouchLedger['historyOf']>[0]): Promise<TouchHistoryFact[]> {
    const values = [userIds, beforeSeq, limit];
    const rows = await readPage(this.#sql, { select: HISTORY_OF, orderBy: 'seq DESC', values });
    return rows.map((row) => touchEntryFromRow(row) as TouchHistoryFact);
  }

  async evidenceOf(userIds: readonly string[]): Promise<EvidenceEntry[]> {
    if (userIds.length === 0) return [];
    const values = [userIds.map(wellFormed), EVIDENCE_KEPT];
    const rows = await readPage(this.#sql, { select: EVIDENCE_OF, orderBy: 'seq', values });
    return rows.map((row) => touchEntryFromRow(row) as EvidenceEntry);
  }

  async idsAfter({ afterId, limit }: { afterId: string; limit: number }): Promise<string[]> {
    const rows = await this.#sql.query<{ asked_id: string }>(IDS_AFTER, [wellFormed(afterId), limit]);
    return rows.map(({ asked_id }) => asked_id);
  }

  async wordsOf(userIds: readonly string[]): Promise<OutcomeEntry[]> {
    if (userIds.length === 0) return [];
    const values = [userIds.map(wellFormed)];
    const rows = await readPage(this.#sql, { select: WORDS_OF, orderBy: 'at_ms, seq', values });
    return rows.map((row) => touchEntryFromRow(row) as LoggedTouchEntry & OutcomeEntry);
  }

  async ofPermits(permitIds: readonly string[]): Promise<PermitEntry[]> {
    if (permitIds.length === 0) return [];
    const rows = await readPage(this.#sql, { select: OF_PERMITS, orderBy: 'seq', values: [permitIds] });
    return rows.map((row) => touchEntryFromRow(row) as PermitEntry);
  }
}

async function appendAll(queries: SqlQueries, entries: readonly TouchLedgerEntry[]): Promise<true[]> {
  await takeWriteLock(queries, 'touchLedger');
  for (const chunk of chunksOf(entries, MAX_ENTRIES_A_STATEMENT)) {
    await queries.query(INSERT, arraysOf(TOUCH_LEDGER_COLUMNS, chunk));
  }
  const sent = entries.flatMap((entry) => (entry.kind === 'committed' ? [entry.permitId] : []));
  if (sent.length > 0) await keepReached(queries, sent.map(wellFormed));
  const failed = entries.flatMap((entry) =>
    entry.kind === 'outcome' && isTouchFailure(entry.outcome) && entry.permitId !== undefined
      ? [entry.permitId]
      : [],
  );
  if (failed.length > 0) await dropUnreached(queries, failed.map(wellFormed));
  return entries.map(() => true);
}
