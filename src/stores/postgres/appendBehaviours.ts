import type { BehaviourToLog } from '../../behaviour/behaviour.js';
import type { AppendOutcome } from '../../behaviour/behaviourLog.js';
import { BEHAVIOUR_COLUMNS } from './behaviourColumns.js';
import { arraysOf, chunksOf, columnNames, unnestOf } from './columns.js';
import type { Sql, SqlQueries, SqlValue } from './sql.js';
import { wellFormed } from './text.js';
import { takeWriteLock } from './writeLocks.js';

/**
 * Behaviours a statement, and calls share a transaction up to as many. On PGlite a statement holds
 * the event loop: 500 take about 25 ms, and a page render waits for as long.
 */
export const MAX_BEHAVIOURS_A_STATEMENT = 500;

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

/** Writes what is new in one transaction, and answers an outcome a behaviour, in order. */
export async function appendBehaviours(
  sql: Sql,
  behaviours: readonly BehaviourToLog[],
): Promise<AppendOutcome[]> {
  // Made ready before the turn begins: other servers wait for its end.
  const chunks = chunksOf(behaviours, MAX_BEHAVIOURS_A_STATEMENT).map(readyChunk);
  return sql.transaction(async (queries) => {
    await takeWriteLock(queries, 'behaviours');
    const outcomes: AppendOutcome[] = [];
    for (const chunk of chunks) outcomes.push(...(await appendChunk(queries, chunk)));
    return outcomes;
  });
}

/** Behaviours of one statement. */
interface ReadyChunk {
  /** As the log keeps them, in the order given. */
  readonly eventIds: readonly string[];
  /** Of the first behaviour under each id. */
  readonly values: readonly SqlValue[];
}

function readyChunk(behaviours: readonly BehaviourToLog[]): ReadyChunk {
  const eventIds = behaviours.map(({ behaviour }) => wellFormed(behaviour.eventId));
  const firsts = new Map<string, BehaviourToLog>();
  eventIds.forEach((eventId, index) => {
    if (!firsts.has(eventId)) firsts.set(eventId, behaviours[index]!);
  });
  return { eventIds, values: arraysOf(BEHAVIOUR_COLUMNS, [...firsts.values()]) };
}

async function appendChunk(queries: SqlQueries, { eventIds, values }: ReadyChunk): Promise<AppendOutcome[]> {
  const accepted = await seqsBy(queries, INSERT_NEW, values);
  const known = [...new Set(eventIds)].filter((eventId) => !accepted.has(eventId));
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
