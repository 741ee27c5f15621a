import { type Clock, systemClock } from '../../core/time.js';
import type { DegradationLevel } from '../../core/vocabulary.js';
import type {
  FedList,
  ServedFairness,
  ServedItem,
  ServedList,
  ServedListStore,
} from '../../ranking/servedListStore.js';
import { arraysOf, type Column, columnNames, lastOfEach, unnestOf } from './columns.js';
import { createMonthKeeper, type MonthlyTable } from './monthlyPartitions.js';
import { readPage } from './pages.js';
import type { Sql } from './sql.js';
import { wellFormed } from './text.js';
import { takeWriteLock } from './writeLocks.js';

export const SERVED_LIST_MONTHS: MonthlyTable = { table: 'served_lists', lock: 'servedLists' };

const SERVED_LIST_COLUMNS: readonly Column<ServedList>[] = [
  { name: 'rank_id', type: 'text', value: (list) => list.rankId },
  { name: 'user_id', type: 'text', value: (list) => list.userId },
  { name: 'served_at_ms', type: 'double precision', value: (list) => list.servedAtMs },
  { name: 'scene', type: 'text', value: (list) => list.scene },
  { name: 'level', type: 'text', value: (list) => list.level },
  { name: 'model_version', type: 'text', value: (list) => list.modelVersion },
  { name: 'items', type: 'jsonb', value: (list) => jsonItems(list) },
  { name: 'fairness', type: 'jsonb', value: (list) => list.fairness && jsonFairness(list.fairness) },
];

export type ServedListRow = {
  readonly rank_id: string;
  readonly user_id: string;
  readonly served_at_ms: number;
  readonly scene: string;
  readonly level: DegradationLevel;
  readonly model_version: string;
  readonly items: readonly (readonly [productId: string, score: number, shopId?: string])[];
  readonly fairness: FairnessJson | null;
  readonly seq: number;
};

type FairnessJson = Omit<ServedFairness, 'unboostedShopIds'> & {
  readonly unboostedShopIds?: readonly (string | null)[];
};

/** Rows go in by rank id, so that two calls with the same lists cannot deadlock. */
const INSERT = `
  INSERT INTO served_lists (${columnNames(SERVED_LIST_COLUMNS).replace('served_at_ms', 'served_at')}, seq)
  SELECT given.*, nextval('served_list_seq') FROM (
    SELECT ${columnNames(SERVED_LIST_COLUMNS).replace('served_at_ms', 'to_timestamp(served_at_ms / 1000)')}
    FROM ${unnestOf(SERVED_LIST_COLUMNS)} ORDER BY ordinal
  ) AS given
  ON CONFLICT (rank_id, served_at) DO NOTHING`;

/** What is read of a list; see `ServedListRow`. */
export const LIST_COLUMNS = `rank_id, user_id, (date_part('epoch', served_at) * 1000)::bigint AS served_at_ms, scene, level,
  model_version, items, fairness, seq`;

const SELECT = `SELECT ${LIST_COLUMNS} FROM served_lists WHERE rank_id = $1 ORDER BY served_at DESC LIMIT 1`;

const SELECT_AFTER = `SELECT ${LIST_COLUMNS} FROM served_lists
  WHERE seq > $1 AND served_at >= to_timestamp($2::double precision / 1000) ORDER BY seq LIMIT $3`;

/** Served lists in PostgreSQL. Writers take turns (`writeLocks.ts`), so what is read is final. */
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
    await this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'servedLists');
      await queries.query(INSERT, arraysOf(SERVED_LIST_COLUMNS, ordered));
    });
  }

  async get(rankId: string): Promise<ServedList | undefined> {
    const [row] = await this.#sql.query<ServedListRow>(SELECT, [wellFormed(rankId)]);
    return row && listFromRow(row);
  }

  async after({ afterSeq, sinceMs, limit }: Parameters<ServedListStore['after']>[0]): Promise<FedList[]> {
    const rows = await readPage<ServedListRow>(this.#sql, {
      select: SELECT_AFTER,
      orderBy: 'seq',
      values: [afterSeq, sinceMs, limit],
    });
    return rows.map((row) => ({ seq: row.seq, list: listFromRow(row) }));
  }
}

/** Rows, not records: names of fields would be most of the bytes. */
function jsonItems({ items }: ServedList): string {
  return JSON.stringify(
    items.map(({ productId, score, shopId }) =>
      shopId === undefined
        ? [wellFormed(productId), score]
        : [wellFormed(productId), score, wellFormed(shopId)],
    ),
  );
}

function jsonFairness({ unboostedShopIds, ...facts }: ServedFairness): string {
  const shops = unboostedShopIds?.map((shopId) => (shopId === undefined ? null : wellFormed(shopId)));
  return JSON.stringify({ ...facts, ...(shops !== undefined && { unboostedShopIds: shops }) });
}

/** The list of a row of `LIST_COLUMNS`. */
export function listFromRow(row: ServedListRow): ServedList {
  return {
    rankId: row.rank_id,
    userId: row.user_id,
    servedAtMs: row.served_at_ms,
    scene: row.scene,
    level: row.level,
    modelVersion: row.model_version,
    items: row.items.map(
      ([productId, score, shopId]): ServedItem => ({
        productId,
        score,
        ...(shopId !== undefined && { shopId }),
      }),
    ),
    ...(row.fairness !== null && { fairness: fairnessFromJson(row.fairness) }),
  };
}

function fairnessFromJson({ unboostedShopIds, ...facts }: FairnessJson): ServedFairness {
  if (unboostedShopIds === undefined) return facts;
  return { ...facts, unboostedShopIds: unboostedShopIds.map((shopId) => shopId ?? undefined) };
}
