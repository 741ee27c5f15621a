import type { BehaviourToLog, LoggedBehaviour } from '../../behaviour/behaviour.js';
import type { AppendOutcome, BehaviourLog, UserHistory } from '../../behaviour/behaviourLog.js';
import { partitionOf } from '../../core/partitions.js';
import { type Clock, systemClock } from '../../core/time.js';
import { appendBehaviours, MAX_BEHAVIOURS_A_STATEMENT } from './appendBehaviours.js';
import { BEHAVIOUR_READ, type BehaviourRow, behaviourFromRow } from './behaviourColumns.js';
import { isOutage } from './engineError.js';
import { createGroupCommit } from './groupCommit.js';
import { createMonthKeeper, type MonthlyTable } from './monthlyPartitions.js';
import { PAGE_ROWS, pages, readPage } from './pages.js';
import { type SeqPage, selectInSeq } from './readInSeq.js';
import type { Sql, SqlValue } from './sql.js';
import { wellFormed } from './text.js';
import { wholeHistories } from './wholeHistories.js';

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
      isOutage,
      commit: (behaviours) => {
        keepMonths();
        return appendBehaviours(sql, behaviours);
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
