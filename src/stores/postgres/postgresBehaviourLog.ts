import type { BehaviourToLog, LoggedBehaviour } from '../../behaviour/behaviour.js';
import type { AppendOutcome, BehaviourLog } from '../../behaviour/behaviourLog.js';
import { BEHAVIOUR_COLUMNS, type BehaviourRow, behaviourFromRow } from './behaviourColumns.js';
import { arraysOf, chunksOf, columnNames, unnestOf } from './columns.js';
import { createGroupCommit } from './groupCommit.js';
import { readPage } from './pages.js';
import type { Sql, SqlQueries, SqlValue } from './sql.js';
import { wellFormed } from './text.js';
import { takeWriteLock } from './writeLocks.js';

/**
 * Behaviours a statement, and calls share a transaction up to as many. On PGlite a statement holds
 * the event loop: 500 take about 25 ms, and a page render waits for as long.
 */
const MAX_BEHAVIOURS_A_STATEMENT = 500;

/** Ids first: who gets into `behaviour_event_ids` is new, and only those go to the log. */
const INSERT_NEW = `
  WITH given AS (SELECT * FROM ${unnestOf(BEHAVIOUR_COLUMNS)}),
  fresh AS (
    INSERT INTO behaviour_event_ids (event_id, seq)
    SELECT event_id, nextval('behaviour_seq') FROM (SELECT event_id FROM given ORDER BY ordinal) AS ids
    ON CONFLICT (event_id) DO NOTHING
    RETURNING event_id, seq
  ),
  logged AS (
    INSERT INTO behaviours (seq, ${columnNames(BEHAVIOUR_COLUMNS)})
    SELECT fresh.seq, given.${columnNames(BEHAVIOUR_COLUMNS).replaceAll(', ', ', given.')}
    FROM given JOIN fresh USING (event_id)
  )
  SELECT event_id, seq FROM fresh`;

const SEQS_OF_EVENTS = 'SELECT event_id, seq FROM behaviour_event_ids WHERE event_id = ANY ($1::text[])';

const READ = `
  SELECT seq, ${columnNames(BEHAVIOUR_COLUMNS)} FROM behaviours WHERE seq > $1 ORDER BY seq LIMIT $2`;

/** The behaviour log in PostgreSQL. Writers take turns (`writeLocks.ts`), so what is read is final. */
export class PostgresBehaviourLog implements BehaviourLog {
  readonly append: (behaviours: readonly BehaviourToLog[]) => Promise<AppendOutcome[]>;
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.append = createGroupCommit({
      maxItems: MAX_BEHAVIOURS_A_STATEMENT,
      commit: (behaviours) => sql.transaction((queries) => appendAll(queries, behaviours)),
    });
  }

  async read(options: { afterSeq: number; limit: number }): Promise<LoggedBehaviour[]> {
    const rows = await readPage<BehaviourRow>(this.#sql, {
      select: READ,
      orderBy: 'seq',
      values: [options.afterSeq, options.limit],
    });
    return rows.map(behaviourFromRow);
  }

  async lastSeq(): Promise<number> {
    const [row] = await this.#sql.query<{ seq: number }>(
      'SELECT coalesce(max(seq), 0) AS seq FROM behaviours',
    );
    return row?.seq ?? 0;
  }

  async count(): Promise<number> {
    const [row] = await this.#sql.query<{ total: number }>('SELECT count(*) AS total FROM behaviours');
    return row?.total ?? 0;
  }
}

async function appendAll(
  queries: SqlQueries,
  behaviours: readonly BehaviourToLog[],
): Promise<AppendOutcome[]> {
  await takeWriteLock(queries, 'behaviours');
  const outcomes: AppendOutcome[] = [];
  for (const chunk of chunksOf(behaviours, MAX_BEHAVIOURS_A_STATEMENT)) {
    outcomes.push(...(await appendChunk(queries, chunk)));
  }
  return outcomes;
}

async function appendChunk(
  queries: SqlQueries,
  behaviours: readonly BehaviourToLog[],
): Promise<AppendOutcome[]> {
  const eventIds = behaviours.map(({ behaviour }) => wellFormed(behaviour.eventId));
  const firsts = new Map<string, BehaviourToLog>();
  eventIds.forEach((eventId, index) => {
    if (!firsts.has(eventId)) firsts.set(eventId, behaviours[index]!);
  });
  const accepted = await seqsBy(queries, INSERT_NEW, arraysOf(BEHAVIOUR_COLUMNS, [...firsts.values()]));
  const known = [...firsts.keys()].filter((eventId) => !accepted.has(eventId));
  const earlier = known.length === 0 ? accepted : await seqsBy(queries, SEQS_OF_EVENTS, [known]);

  const answered = new Set<string>();
  return eventIds.map((eventId) => {
    const seq = accepted.get(eventId);
    if (seq === undefined) return { status: 'duplicate', seq: earlier.get(eventId)! };
    const status = answered.has(eventId) ? 'duplicate' : 'accepted';
    answered.add(eventId);
    return { status, seq };
  });
}

async function seqsBy(
  queries: SqlQueries,
  text: string,
  values: readonly SqlValue[],
): Promise<Map<string, number>> {
  const rows = await queries.query<{ event_id: string; seq: number }>(text, values);
  return new Map(rows.map((row) => [row.event_id, row.seq]));
}
