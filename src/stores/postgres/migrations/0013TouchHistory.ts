import type { Migration } from './migration.js';

const PERMIT = "'^[a-z_]+[.][A-Za-z0-9_-]+[.][0-9a-f-]{36}$'";

export const touchHistory: Migration = {
  id: 13,
  name: 'touch history',
  sql: `
    -- Whose history an entry is part of: the id that its permit was asked for (touch/permitId.ts), or the
    -- entry's own user id where it has no permit. NULL: of nobody's (homes, touches whose ids are forgotten).
    ALTER TABLE touch_ledger ADD COLUMN asked_id text COLLATE "C";
    UPDATE touch_ledger SET asked_id = CASE
      WHEN permit_id IS NULL THEN user_id
      WHEN permit_id ~ ${PERMIT} THEN (
        SELECT convert_from(decode(rpad(code, (length(code) + 3) / 4 * 4, '='), 'base64'), 'UTF8')
        FROM translate(split_part(permit_id, '.', 2), '-_', '+/') AS code)
      END
      WHERE kind <> 'home';

    CREATE INDEX touch_ledger_of_id ON touch_ledger (asked_id, seq);
    CREATE INDEX touch_ledger_of_permit ON touch_ledger (permit_id, seq) WHERE permit_id IS NOT NULL;
    -- What people said about being written to at all is said again where their touches move.
    CREATE INDEX touch_ledger_words ON touch_ledger (asked_id, at_ms)
      WHERE outcome IN ('muted', 'blocked', 'complained', 'unsubscribed', 'resubscribed');

    -- Every message that was sent, once, under the id that it was sent to; append-only. What the ledger
    -- says already (its first commit of the permit, seq, and its first reservation), kept in the same
    -- transaction, in the order in which an order's owner is looked for. shop_id is '' without a shop.
    CREATE TABLE reached_touches (
      permit_id text COLLATE "C" PRIMARY KEY,
      user_id text COLLATE "C" NOT NULL,
      shop_id text COLLATE "C" NOT NULL,
      at_ms bigint NOT NULL,
      seq bigint NOT NULL,
      channel text COLLATE "C" NOT NULL,
      campaign_type text COLLATE "C" NOT NULL,
      campaign_id text COLLATE "C"
    );
    CREATE INDEX reached_touches_of_shop ON reached_touches (user_id, shop_id, at_ms, seq);
    INSERT INTO reached_touches
      SELECT permit_id, committed.asked_id, coalesce(reserved.shop_id, ''), committed.at_ms, committed.seq,
        reserved.channel, reserved.campaign_type, reserved.campaign_id
      FROM (
          SELECT DISTINCT ON (permit_id) permit_id, asked_id, at_ms, seq FROM touch_ledger
          WHERE kind = 'committed' AND asked_id IS NOT NULL ORDER BY permit_id, seq
        ) AS committed
        JOIN (
          SELECT DISTINCT ON (permit_id) permit_id, shop_id, channel, campaign_type, campaign_id
          FROM touch_ledger WHERE kind = 'reserved' AND asked_id IS NOT NULL ORDER BY permit_id, seq
        ) AS reserved USING (permit_id);
  `,
};
