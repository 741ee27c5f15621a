import { partitionOf } from '../../core/partitions.js';
import { historyIdOf } from '../../touch/historyIdOf.js';
import type { LoggedTouchEntry, TouchLedgerEntry } from '../../touch/touchLedger.js';
import { type Column, columnNames, withoutNulls } from './columns.js';
import type { SqlRow, SqlScalar } from './sql.js';

type FieldsOf<Entry> = Entry extends unknown ? keyof Entry : never;
type EntryField = FieldsOf<TouchLedgerEntry>;

/** Where each field of an entry goes, of whatever kind it is. A field added to the port must be added here. */
const COLUMN_OF: Readonly<
  Record<EntryField, { readonly name: string; readonly type: Column<never>['type'] }>
> = {
  kind: { name: 'kind', type: 'text' },
  userId: { name: 'user_id', type: 'text' },
  atMs: { name: 'at_ms', type: 'bigint' },
  requestId: { name: 'request_id', type: 'text' },
  permitId: { name: 'permit_id', type: 'text' },
  channel: { name: 'channel', type: 'text' },
  campaignType: { name: 'campaign_type', type: 'text' },
  shopId: { name: 'shop_id', type: 'text' },
  campaignId: { name: 'campaign_id', type: 'text' },
  expiresAtMs: { name: 'expires_at_ms', type: 'bigint' },
  policyVersion: { name: 'policy_version', type: 'bigint' },
  ruleId: { name: 'rule_id', type: 'text' },
  reason: { name: 'reason', type: 'text' },
  verdict: { name: 'verdict', type: 'text' },
  notBeforeMs: { name: 'not_before_ms', type: 'bigint' },
  late: { name: 'late', type: 'boolean' },
  outcome: { name: 'outcome', type: 'text' },
  recordedAtMs: { name: 'recorded_at_ms', type: 'bigint' },
  memberId: { name: 'member_id', type: 'text' },
  homeId: { name: 'home_id', type: 'text' },
  identitySeq: { name: 'identity_seq', type: 'bigint' },
  priority: { name: 'priority', type: 'smallint' },
  taken: { name: 'taken', type: 'boolean' },
  takenBy: { name: 'taken_by', type: 'text' },
  failed: { name: 'failed', type: 'text' },
};

const FIELDS = Object.keys(COLUMN_OF) as EntryField[];

const FIELD_COLUMNS: readonly Column<TouchLedgerEntry>[] = FIELDS.map((field) => ({
  ...COLUMN_OF[field],
  value: (entry) => (entry as Partial<Record<EntryField, SqlScalar>>)[field],
}));

/** What is written of an entry. */
export const TOUCH_LEDGER_COLUMNS: readonly Column<TouchLedgerEntry>[] = [
  { name: 'user_partition', type: 'smallint', value: (entry) => partitionOf(entry.userId) },
  { name: 'asked_id', type: 'text', value: historyIdOf },
  ...FIELD_COLUMNS,
];

/** What is read of one. */
export const TOUCH_LEDGER_READ = `seq, ${columnNames(FIELD_COLUMNS)}`;

/** The entry that was written: a NULL is a field which that kind, or that entry, does not have. */
export function touchEntryFromRow(row: SqlRow): LoggedTouchEntry {
  const fields = FIELDS.map((field) => [field, row[COLUMN_OF[field].name]]);
  return withoutNulls<LoggedTouchEntry>({ ...Object.fromEntries(fields), seq: row.seq });
}
