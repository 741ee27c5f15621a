import type { EpochMs } from '../../core/time.js';
import type { StoredHabits } from '../../touch/habitsBySegment.js';
import type { HabitsStore } from '../../touch/habitsStore.js';
import type { Sql } from './sql.js';
import { takeWriteLock } from './writeLocks.js';

type HabitsRow = { readonly from_ms: number; readonly segments: StoredHabits['segments'] };

/** Habits of segments in PostgreSQL. */
export class PostgresHabitsStore implements HabitsStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async since(fromMs: EpochMs): Promise<StoredHabits[]> {
    const rows = await this.#sql.query<HabitsRow>(
      'SELECT from_ms, segments FROM touch_habits WHERE from_ms > $1 ORDER BY from_ms',
      [fromMs],
    );
    return rows.map(({ from_ms, segments }) => ({ fromMs: from_ms, segments }));
  }

  async append(
    { fromMs, segments }: StoredHabits,
    { unlessAfterMs }: { unlessAfterMs: EpochMs },
  ): Promise<boolean> {
    return this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'touchHabits');
      const added = await queries.query(
        `INSERT INTO touch_habits (from_ms, segments)
          SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM touch_habits WHERE from_ms > $3) RETURNING from_ms`,
        [fromMs, JSON.stringify(segments), Math.min(unlessAfterMs, fromMs - 1)],
      );
      return added.length > 0;
    });
  }
}
