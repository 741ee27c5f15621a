import { TOUCH_LEDGER_READ } from './touchLedgerColumns.js';

/** Words about being left alone; spelt as in the index that finds them (migration 13). */
const WORDS = `('muted', 'blocked', 'complained', 'unsubscribed', 'resubscribed')`;

/**
 * `TouchLedger.historyOf`; $1 ids, $2 the seq to begin below, $3 the limit. As many of each id, in the
 * order of its index, and the last of those: `asked_id = ANY` would sort all that the ids ever had.
 * At worst PostgreSQL looks at all entries of these ids, never at others' (300,000 entries, two busy
 * cores: a page of 100 in 5 ms, also of an id with 30,000; 207 ms where it takes that id for a quiet one).
 */
export const HISTORY_OF = `
  SELECT entry.* FROM (SELECT DISTINCT id FROM unnest($1::text[]) AS given (id)) AS own
    CROSS JOIN LATERAL (
      SELECT ${TOUCH_LEDGER_READ} FROM touch_ledger AS entry
      WHERE asked_id = own.id AND seq < $2
        AND NOT EXISTS (
          SELECT FROM touch_ledger AS earlier
          WHERE earlier.permit_id = entry.permit_id AND earlier.seq < entry.seq AND earlier.kind = entry.kind
            AND (entry.kind <> 'outcome'
              OR (earlier.outcome = entry.outcome AND earlier.at_ms = entry.at_ms)))
        AND NOT (entry.kind = 'outcome' AND entry.outcome IN ${WORDS} AND EXISTS (
          SELECT FROM touch_ledger AS earlier
          WHERE earlier.outcome IN ${WORDS} AND earlier.asked_id = ANY ($1::text[])
            AND earlier.at_ms = entry.at_ms AND earlier.outcome = entry.outcome
            AND earlier.channel IS NOT DISTINCT FROM entry.channel AND earlier.seq < entry.seq))
      ORDER BY seq DESC LIMIT $3
    ) AS entry
  ORDER BY seq DESC LIMIT $3`;

/** `TouchLedger.wordsOf`; $1 ids. */
export const WORDS_OF = `
  SELECT ${TOUCH_LEDGER_READ} FROM touch_ledger
  WHERE asked_id = ANY ($1::text[]) AND outcome IN ${WORDS}`;

/** `TouchLedger.evidenceOf`; $1 ids, $2 how many of each. */
export const EVIDENCE_OF = `
  SELECT entry.* FROM (SELECT DISTINCT id FROM unnest($1::text[]) AS given (id)) AS own
    CROSS JOIN LATERAL (
      SELECT ${TOUCH_LEDGER_READ} FROM touch_ledger
      WHERE asked_id = own.id AND (kind IN ('reserved', 'committed') OR outcome <> 'delivered')
      ORDER BY seq DESC LIMIT $2
    ) AS entry`;

/**
 * `TouchLedger.idsAfter`; $1 the id before, $2 the limit. From one id to the next by the index, whatever
 * the number of entries of each.
 */
export const IDS_AFTER = `
  WITH RECURSIVE ids AS (
    (SELECT asked_id FROM touch_ledger WHERE asked_id > $1 ORDER BY asked_id LIMIT 1)
    UNION ALL
    SELECT (SELECT next.asked_id FROM touch_ledger AS next WHERE next.asked_id > ids.asked_id
      ORDER BY next.asked_id LIMIT 1)
    FROM ids WHERE ids.asked_id IS NOT NULL
  )
  SELECT asked_id FROM ids WHERE asked_id IS NOT NULL LIMIT $2`;

/** `TouchLedger.ofPermits`; $1 permit ids. */
export const OF_PERMITS = `
  SELECT ${TOUCH_LEDGER_READ} FROM touch_ledger
  WHERE permit_id = ANY ($1::text[]) AND kind IN ('reserved', 'committed', 'released', 'taken')`;
