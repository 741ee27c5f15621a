import type {
  Behaviour,
  BehaviourContext,
  BehaviourToLog,
  LoggedBehaviour,
} from '../../behaviour/behaviour.js';
import { partitionOf } from '../../core/partitions.js';
import type { EpochMs } from '../../core/time.js';
import type { Traits } from '../../core/traits.js';
import type { BehaviourType } from '../../core/vocabulary.js';
import { type Column, withoutNulls } from './columns.js';
import { jsonRecord } from './text.js';

/** The columns of `behaviours` after `seq` that a writer gives, in the order in which they are written. */
export const BEHAVIOUR_COLUMNS: readonly Column<BehaviourToLog>[] = [
  { name: 'user_partition', type: 'smallint', value: ({ behaviour }) => partitionOf(behaviour.userId) },
  { name: 'event_id', type: 'text', value: ({ behaviour }) => behaviour.eventId },
  { name: 'type', type: 'text', value: ({ behaviour }) => behaviour.type },
  { name: 'user_id', type: 'text', value: ({ behaviour }) => behaviour.userId },
  { name: 'product_id', type: 'text', value: ({ behaviour }) => behaviour.productId },
  { name: 'shop_id', type: 'text', value: ({ behaviour }) => behaviour.shopId },
  { name: 'occurred_at_ms', type: 'bigint', value: ({ behaviour }) => behaviour.occurredAtMs },
  { name: 'quantity', type: 'integer', value: ({ behaviour }) => behaviour.quantity },
  { name: 'price_minor', type: 'bigint', value: ({ behaviour }) => behaviour.priceMinor },
  { name: 'currency', type: 'text', value: ({ behaviour }) => behaviour.currency },
  { name: 'rating', type: 'double precision', value: ({ behaviour }) => behaviour.rating },
  { name: 'query', type: 'text', value: ({ behaviour }) => behaviour.query },
  { name: 'session_id', type: 'text', value: ({ behaviour }) => behaviour.sessionId },
  { name: 'dwell_ms', type: 'double precision', value: ({ behaviour }) => behaviour.dwellMs },
  { name: 'rank_id', type: 'text', value: ({ behaviour }) => behaviour.rankId },
  { name: 'position', type: 'bigint', value: ({ behaviour }) => behaviour.position },
  { name: 'referrer', type: 'text', value: ({ behaviour }) => behaviour.referrer },
  { name: 'product_revision', type: 'integer', value: ({ context }) => context.productRevision },
  { name: 'context_shop_id', type: 'text', value: ({ context }) => context.shopId },
  { name: 'price_percentile', type: 'double precision', value: ({ context }) => context.pricePercentile },
  { name: 'traits', type: 'jsonb', value: ({ context }) => jsonRecord(context.traits) },
];

/** What is read of `behaviours`: JSON has no times, and ours are milliseconds. */
export const BEHAVIOUR_READ = `seq, ${BEHAVIOUR_COLUMNS.map((column) => column.name)
  .filter((name) => name !== 'user_partition')
  .join(', ')}, (date_part('epoch', logged_at) * 1000)::bigint AS logged_at_ms`;

/** A row of `BEHAVIOUR_READ`, as the engine answers. */
export type BehaviourRow = {
  readonly seq: number;
  readonly event_id: string;
  readonly type: BehaviourType;
  readonly user_id: string;
  readonly product_id: string | null;
  readonly shop_id: string | null;
  readonly occurred_at_ms: number;
  readonly quantity: number;
  readonly price_minor: number | null;
  readonly currency: string | null;
  readonly rating: number | null;
  readonly query: string | null;
  readonly session_id: string | null;
  readonly dwell_ms: number | null;
  readonly rank_id: string | null;
  readonly position: number | null;
  readonly referrer: string | null;
  readonly product_revision: number;
  readonly context_shop_id: string | null;
  readonly price_percentile: number | null;
  readonly traits: Traits;
  readonly logged_at_ms: EpochMs;
};

export function behaviourFromRow(row: BehaviourRow): LoggedBehaviour {
  const behaviour = withoutNulls<Behaviour>({
    eventId: row.event_id,
    type: row.type,
    userId: row.user_id,
    productId: row.product_id,
    shopId: row.shop_id,
    occurredAtMs: row.occurred_at_ms,
    quantity: row.quantity,
    priceMinor: row.price_minor,
    currency: row.currency,
    rating: row.rating,
    query: row.query,
    sessionId: row.session_id,
    dwellMs: row.dwell_ms,
    rankId: row.rank_id,
    position: row.position,
    referrer: row.referrer,
  });
  const context = withoutNulls<BehaviourContext>({
    productRevision: row.product_revision,
    shopId: row.context_shop_id,
    pricePercentile: row.price_percentile,
    traits: row.traits,
  });
  return { seq: row.seq, behaviour, context, loggedAtMs: row.logged_at_ms };
}
