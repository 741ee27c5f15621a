import type { BehaviourToLog, LoggedBehaviour } from '../../behaviour/behaviour.js';
import {
  type AppendOutcome,
  type BehaviourLog,
  MAX_BEHAVIOURS_A_HISTORY,
  type UserHistory,
} from '../../behaviour/behaviourLog.js';
import { partitionOf } from '../../core/partitions.js';
import { type Clock, systemClock } from '../../core/time.js';
import {
  BEHAVIOUR_COLUMNS,
  BEHAVIOUR_READ,
  type BehaviourRow,
  behaviourFromRow,
} from './behaviourColumns.js';
import { arraysOf, chunksOf, columnNames, unnestOf } from './columns.js';
import { createGroupCommit } from './groupCommit.js';
import { createMonthKeeper, type MonthlyTable } from './monthlyPartitions.js';
import { PAGE_ROWS, pages, readPage } from './pages.js';
import { type SeqPage, selectInSeq } from './readInSeq.js';
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

export const BEHAVIOUR_MONTHS: MonthlyTable = { table: 'behaviours', lock: 'behaviours' };

const LOG = { table: 'behaviours', columns: BEHAVIOUR_READ } as const;

/**
 * `$1` and `$2` are parallel. Each user's own part of the index, whatever the planner believes of the
 * others: joined freely it would rather read the whole log.
 */
const READ_OF_USERS = `
  SELECT found.*
  FROM unnest($1::smallint[], $2::text[]) AS wanted (user_partition, user_id) CROSS JOIN LATERAL (
    SELECT ${BEHAVIOUR_READ} FROM behaviours
    WHERE user_partition = wanted.user_partition AND user_id = wanted.user_id AND seq > $3 AND seq <= $4
    ORDER BY seq LIMIT ${PAGE_ROWS}
  ) AS found
  ORDER BY found.seq LIMIT ${PAGE_ROWS}`;

const READ_BY_USER = `
  SELECT ${BEHAVIOUR_READ} FROM behaviours
  WHERE user_partition = $1 AND (user_id, seq) > ($2, $3) AND seq <= $4
  ORDER BY user_id, seq LIMIT ${PAGE_ROWS}`;

/** The behaviour log in PostgreSQL. Writers take turns (`writeLocks.ts`), so what is read is final. */
export class PostgresBehaviourLog implements BehaviourLog {
  readonly append: (behaviours: readonly BehaviourToLog[]) => Promise<AppendOutcome[]>;
  readonly #sql: Sql;

  constructor(sql: Sql, clock: Clock = systemClock) {
    this.#sql = sql;
    const keepMonths = createMonthKeeper(sql, { ...BEHAVIOUR_MONTHS, clock });
    this.append = createGroupCommit({
      maxItems: MAX_BEHAVIOURS_A_STATEMENT,
      commit: (behaviours) => {
        keepMonths();
        return sql.transaction((queries) => appendAll(queries, behaviours));
      },
    });
  }

  async read(page: SeqPage): Promise<LoggedBehaviour[]> {
    if (page.partitions?.length === 0) return [];
    const { select, values } = selectInSeq(LOG, page);
    return this.#page({ select, orderBy: 'seq', values });
  }

  async readOfUsers({
    userIds,
    throughSeq,
    afterSeq = 0,
  }: {
    userIds: readonly string[];
    throughSeq: number;
    afterSeq?: number;
  }): Promise<LoggedBehaviour[]> {
    const ids = [...new Set(userIds.map(wellFormed))];
    const partitions = ids.map(partitionOf);
    const found: LoggedBehaviour[] = [];
    if (ids.length === 0) return found;
    const rest = pages({
      firstKey: afterSeq,
      readAfter: (seq) =>
        this.#page({ select: READ_OF_USERS, orderBy: 'seq', values: [partitions, ids, seq, throughSeq] }),
      keyOf: (logged) => logged.seq,
    });
    for await (const page of rest) found.push(...page);
    return found;
  }

  async *historiesOf({
    partition,
    throughSeq,
  }: {
    partition: number;
    throughSeq: number;
  }): AsyncGenerator<UserHistory[]> {
    const rows = pages({
      firstKey: { userId: '', seq: 0 },
      readAfter: ({ userId, seq }) =>
        this.#page({
          select: READ_BY_USER,
          orderBy: 'user_id, seq',
          values: [partition, userId, seq, throughSeq],
        }),
      keyOf: ({ behaviour, seq }) => ({ userId: behaviour.userId, seq }),
    });
    yield* wholeHistories(rows);
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

  async countOf({
    partitions,
    throughSeq,
  }: {
    partitions: readonly number[];
    throughSeq: number;
  }): Promise<number> {
    const [row] = await this.#sql.query<{ total: number }>(
      `SELECT count(*) AS total FROM behaviours
       WHERE user_partition = ANY ($1::smallint[]) AND seq <= $2`,
      [partitions, throughSeq],
    );
    return row?.total ?? 0;
  }

  async #page(page: {
    readonly select: string;
    readonly orderBy: string;
    readonly values: readonly SqlValue[];
  }): Promise<LoggedBehaviour[]> {
    return (await readPage<BehaviourRow>(this.#sql, page)).map(behaviourFromRow);
  }
}

/** Pages of behaviours by user, cut between users and not within one (unless it is too long). */
async function* wholeHistories(rows: AsyncIterable<LoggedBehaviour[]>): AsyncGenerator<UserHistory[]> {
  let open: { userId: string; behaviours: LoggedBehaviour[] } | undefined;
  for await (const page of rows) {
    const whole: UserHistory[] = [];
    for (const logged of page) {
      const { userId } = logged.behaviour;
      if (open?.userId !== userId || open.behaviours.length === MAX_BEHAVIOURS_A_HISTORY) {
        if (open !== undefined) whole.push(open);
        open = { userId, behaviours: [] };
      }
      open.behaviours.push(logged);
    }
    if (whole.length > 0) yield whole;
  }
  if (open !== undefined) yield [open];
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
