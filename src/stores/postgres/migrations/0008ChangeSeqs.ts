import type { Migration } from './migration.js';

export const changeSeqs: Migration = {
  id: 8,
  name: 'change seqs',
  sql: `
    -- Where followers of a table stand. Drawn under the write lock of the kind (writeLocks.ts), so
    -- that a lower one never becomes visible after a higher one.
    CREATE SEQUENCE catalogue_change_seq AS bigint;
    CREATE SEQUENCE people_change_seq AS bigint;

    ALTER TABLE shops ADD COLUMN change_seq bigint;
    UPDATE shops SET change_seq = numbered.change_seq
      FROM (
        SELECT shop_id, nextval('catalogue_change_seq') AS change_seq
        FROM (SELECT shop_id FROM shops ORDER BY shop_id) AS ordered
      ) AS numbered
      WHERE shops.shop_id = numbered.shop_id;
    ALTER TABLE shops ALTER COLUMN change_seq SET NOT NULL;
    CREATE UNIQUE INDEX shops_by_change ON shops (change_seq);

    ALTER TABLE product_revisions ADD COLUMN change_seq bigint;
    UPDATE product_revisions SET change_seq = numbered.change_seq
      FROM (
        SELECT product_id, revision, nextval('catalogue_change_seq') AS change_seq
        FROM (SELECT product_id, revision FROM product_revisions ORDER BY product_id, revision) AS ordered
      ) AS numbered
      WHERE product_revisions.product_id = numbered.product_id
        AND product_revisions.revision = numbered.revision;
    ALTER TABLE product_revisions ALTER COLUMN change_seq SET NOT NULL;
    CREATE UNIQUE INDEX product_revisions_by_change ON product_revisions (change_seq);

    ALTER TABLE users ADD COLUMN change_seq bigint;
    UPDATE users SET change_seq = numbered.change_seq
      FROM (
        SELECT user_id, nextval('people_change_seq') AS change_seq
        FROM (SELECT user_id FROM users ORDER BY user_id) AS ordered
      ) AS numbered
      WHERE users.user_id = numbered.user_id;
    ALTER TABLE users ALTER COLUMN change_seq SET NOT NULL;
    CREATE UNIQUE INDEX users_by_change ON users (change_seq);
  `,
};
