import type { Migration } from './migration.js';

export const catalogue: Migration = {
  id: 2,
  name: 'catalogue',
  sql: `
    CREATE TABLE shops (
      shop_id text COLLATE "C" PRIMARY KEY,
      name text NOT NULL,
      category text,
      region text,
      created_at_ms bigint
    );

    -- Which revision of a product is current.
    CREATE TABLE products (
      product_id text COLLATE "C" PRIMARY KEY,
      revision integer NOT NULL
    );

    -- Every content that a product ever had: behaviours are logged against one of them.
    CREATE TABLE product_revisions (
      product_id text COLLATE "C" NOT NULL,
      revision integer NOT NULL,
      shop_id text COLLATE "C",
      title text NOT NULL,
      category_path jsonb NOT NULL,
      brand text,
      attributes jsonb NOT NULL,
      price_minor bigint,
      currency text COLLATE "C",
      in_stock boolean NOT NULL,
      created_at_ms bigint,
      bid double precision NOT NULL,
      PRIMARY KEY (product_id, revision)
    );
  `,
};
