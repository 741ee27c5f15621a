import { type Clock, systemClock } from '../../core/time.js';
import type { DegradationLevel } from '../../core/vocabulary.js';
import type { ServedList, ServedListStore } from '../../ranking/servedListStore.js';
import { arraysOf, type Column, columnNames, lastOfEach, unnestOf } from './columns.js';
import { createMonthKeeper, type MonthlyTable } from './monthlyPartitions.js';
import type { Sql } from './sql.js';
import { wellFormed } from './text.js';

export const SERVED_LIST_MONTHS: MonthlyTable = { table: 'served_lists', lock: 'servedLists' };

const SERVED_LIST_COLUMNS: readonly Column<ServedList>[] = [
  { name: 'rank_id', type: 'text', value: (list) => list.rankId },
  { name: 'user_id', type: 'text', value: (list) => list.userId },
  { name: 'served_at_ms', type: 'double precision', value: (list) => list.servedAtMs },
  { name: 'scene', type: 'text', value: (list) => list.scene },
  { name: 'level', type: 'text', value: (list) => list.level },
  { name: 'model_version', type: 'text', value: (list) => list.modelVersion },
  { name: 'items', type: 'jsonb', value: (list) => jsonItems(list) },
];

type ServedListRow = {
  readonly rank_id: string;
  readonly user_id: string;
  readonly served_at_ms: number;
  readonly scene: string;
  readonly level: DegradationLevel;
  readonly model_version: string;
  readonly items: readonly (readonly [productId: string, score: number])[];
};

/** Rows go in by rank id, so that two calls with the same lists cannot deadlock. */
const INSERT = `
  INSERT INTO served_lists (${columnNames(SERVED_LIST_COLUMNS).replace('served_at_ms', 'served_at')})
  SELECT ${columnNames(SERVED_LIST_COLUMNS).replace('served_at_ms', 'to_timestamp(served_at_ms / 1000)')}
  FROM ${unnestOf(SERVED_LIST_COLUMNS)} ORDER BY ordinal
  ON CONFLICT (rank_id, served_at) DO NOTHING`;

const SELECT = `
  SELECT rank_id, user_id, (date_part('epoch', served_at) * 1000)::bigint AS served_at_ms, scene, level,
    model_version, items
  FROM served_lists WHERE rank_id = $1 ORDER BY served_at DESC LIMIT 1`;

/** Served lists in PostgreSQL. */
export class PostgresServedListStore implements ServedListStore {
  readonly #sql: Sql;
  readonly #keepMonths: () => void;

  constructor(sql: Sql, clock: Clock = systemClock) {
    this.#sql = sql;
    this.#keepMonths = createMonthKeeper(sql, { ...SERVED_LIST_MONTHS, clock });
  }

  async append(lists: readonly ServedList[]): Promise<void> {
    if (lists.length === 0) return;
    this.#keepMonths();
    const ordered = lastOfEach(lists, ({ rankId, servedAtMs }) => `${rankId} ${servedAtMs}`);
    await this.#sql.query(INSERT, arraysOf(SERVED_LIST_COLUMNS, ordered));
  }

  async get(rankId: string): Promise<ServedList | undefined> {
    const [row] = await this.#sql.query<ServedListRow>(SELECT, [wellFormed(rankId)]);
    if (row === undefined) return undefined;
    return {
      rankId: row.rank_id,
      userId: row.user_id,
      servedAtMs: row.served_at_ms,
      scene: row.scene,
      level: row.level,
      modelVersion: row.model_version,
      items: row.items.map(([productId, score]) => ({ productId, score })),
    };
  }
}

/** Pairs, not records: names of fields would be most of the bytes. */
function jsonItems({ items }: ServedList): string {
  return JSON.stringify(items.map(({ productId, score }) => [wellFormed(productId), score]));
}
