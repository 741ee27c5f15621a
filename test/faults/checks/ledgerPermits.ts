import { Client } from 'pg';
import type { TouchPlace } from './overshoot.js';

/** What the ledger says of one permit. */
export interface LedgerPermit extends TouchPlace {
  readonly permitId: string;
  readonly reservedAtMs: number;
  readonly expiresAtMs: number;
  /** When the message went out, where it went out in time: only then was its slot still its own. */
  readonly sentAtMs: number | undefined;
  readonly isCommitted: boolean;
  readonly releasedAtMs: number | undefined;
}

/** A repeat writes its entry once more: the first one holds. */
const PERMITS = `
  SELECT permit_id, min(user_id) AS user_id, min(channel) AS channel, coalesce(min(shop_id), '') AS shop_id,
    min(at_ms) FILTER (WHERE kind = 'reserved') AS reserved_at_ms,
    min(expires_at_ms) FILTER (WHERE kind = 'reserved') AS expires_at_ms,
    min(at_ms) FILTER (WHERE kind = 'committed' AND NOT late AND taken IS NOT TRUE) AS sent_at_ms,
    bool_or(kind = 'committed') AS is_committed,
    min(at_ms) FILTER (WHERE kind = 'released') AS released_at_ms
  FROM touch_ledger
  WHERE kind IN ('reserved', 'committed', 'released')
  GROUP BY permit_id`;

/** Straight from the table, past all code that writes or reads it: for people of one id each. */
export async function ledgerPermits(postgresUrl: string): Promise<LedgerPermit[]> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    const { rows } = await client.query(PERMITS);
    return rows.map((row) => ({
      permitId: row.permit_id,
      userId: row.user_id,
      channel: row.channel,
      shopId: row.shop_id,
      reservedAtMs: Number(row.reserved_at_ms),
      expiresAtMs: Number(row.expires_at_ms),
      sentAtMs: momentOf(row.sent_at_ms),
      isCommitted: row.is_committed,
      releasedAtMs: momentOf(row.released_at_ms),
    }));
  } finally {
    await client.end();
  }
}

function momentOf(value: string | null): number | undefined {
  return value === null ? undefined : Number(value);
}
