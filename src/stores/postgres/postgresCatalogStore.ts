import type { CatalogChange, CatalogStore } from '../../catalog/catalogStore.js';
import type { Product, ProductRevision } from '../../catalog/product.js';
import type { Shop } from '../../catalog/shop.js';
import {
  CONTENT_COLUMNS,
  PRODUCT_COLUMNS,
  type ProductRow,
  revisionFromRow,
  SHOP_COLUMNS,
  type ShopRow,
  shopFromRow,
} from './catalogColumns.js';
import { arraysOf, chunksOf, columnNames, lastOfEach, unnestOf } from './columns.js';
import { PAGE_ROWS, pages, readPage } from './pages.js';
import type { Sql, SqlQueries } from './sql.js';
import { wellFormed } from './text.js';
import { takeWriteLock } from './writeLocks.js';

const MAX_ITEMS_A_STATEMENT = 500;

const UPSERT_SHOPS = `
  INSERT INTO shops (change_seq, ${columnNames(SHOP_COLUMNS)})
  SELECT nextval('catalogue_change_seq'), given.* FROM (
    SELECT ${columnNames(SHOP_COLUMNS)} FROM ${unnestOf(SHOP_COLUMNS)} ORDER BY ordinal
  ) AS given
  ON CONFLICT (shop_id) DO UPDATE SET
    change_seq = excluded.change_seq, name = excluded.name, category = excluded.category,
    region = excluded.region, created_at_ms = excluded.created_at_ms
  WHERE (shops.name, shops.category, shops.region, shops.created_at_ms)
    IS DISTINCT FROM (excluded.name, excluded.category, excluded.region, excluded.created_at_ms)`;

/**
 * What differs from the current content becomes the next revision; equal content keeps its own.
 * Compared by value: the order of attributes is no difference.
 */
const UPSERT_PRODUCTS = `
  WITH given AS (
    SELECT given.*, coalesce(products.revision, 0) AS revision
    FROM ${unnestOf(PRODUCT_COLUMNS)} LEFT JOIN products USING (product_id)
  ),
  changed AS (
    SELECT given.* FROM given LEFT JOIN product_revisions AS current USING (product_id, revision)
    WHERE current.product_id IS NULL
      OR (${columnsOf('given')}) IS DISTINCT FROM (${columnsOf('current')})
  ),
  revised AS (
    INSERT INTO product_revisions (change_seq, revision, ${columnNames(PRODUCT_COLUMNS)})
    SELECT nextval('catalogue_change_seq'), revision + 1, ${columnNames(PRODUCT_COLUMNS)} FROM changed
    RETURNING product_id, revision
  ),
  pointed AS (
    INSERT INTO products (product_id, revision) SELECT product_id, revision FROM revised
    ON CONFLICT (product_id) DO UPDATE SET revision = excluded.revision
  )
  SELECT product_id, coalesce(revised.revision, given.revision) AS revision
  FROM given LEFT JOIN revised USING (product_id)`;

const SELECT_REVISIONS = `SELECT revision, ${columnNames(PRODUCT_COLUMNS)} FROM product_revisions`;

/** Both kinds as of one moment: in two statements, a write in between would show its later part alone. */
const CHANGES = `
  SELECT
    (SELECT json_agg(page ORDER BY change_seq) FROM (
      SELECT change_seq, ${columnNames(SHOP_COLUMNS)} FROM shops
      WHERE change_seq > $1 ORDER BY change_seq LIMIT $2
    ) AS page) AS shops,
    (SELECT json_agg(page ORDER BY change_seq) FROM (
      SELECT change_seq, revision, ${columnNames(PRODUCT_COLUMNS)} FROM product_revisions
      WHERE change_seq > $1 ORDER BY change_seq LIMIT $2
    ) AS page) AS revisions`;

type Changed<Row> = Row & { readonly change_seq: number };

/** Shops and products in PostgreSQL. Writers take turns, so two of them cannot make one revision. */
export class PostgresCatalogStore implements CatalogStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async upsertShops(shops: readonly Shop[]): Promise<void> {
    if (shops.length === 0) return;
    await this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'catalogue');
      for (const chunk of chunksOf(
        lastOfEach(shops, (shop) => shop.shopId),
        MAX_ITEMS_A_STATEMENT,
      )) {
        await queries.query(UPSERT_SHOPS, arraysOf(SHOP_COLUMNS, chunk));
      }
    });
  }

  async upsertProducts(products: readonly Product[]): Promise<ProductRevision[]> {
    if (products.length === 0) return [];
    const latest = new Map(products.map((product) => [wellFormed(product.productId), product]));
    const revisions = await this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'catalogue');
      return upsertAll(queries, [...latest.values()]);
    });
    return products.map(({ productId }) => {
      const id = wellFormed(productId);
      return { product: latest.get(id)!, revision: revisions.get(id)! };
    });
  }

  async getShop(shopId: string): Promise<Shop | undefined> {
    const text = `SELECT ${columnNames(SHOP_COLUMNS)} FROM shops WHERE shop_id = $1`;
    const [row] = await this.#sql.query<ShopRow>(text, [wellFormed(shopId)]);
    return row === undefined ? undefined : shopFromRow(row);
  }

  async getProduct(productId: string): Promise<ProductRevision | undefined> {
    const text = `${SELECT_REVISIONS} WHERE product_id = $1 ORDER BY revision DESC LIMIT 1`;
    const [row] = await this.#sql.query<ProductRow>(text, [wellFormed(productId)]);
    return row === undefined ? undefined : revisionFromRow(row);
  }

  allShops(): AsyncIterable<Shop[]> {
    const select = `
      SELECT ${columnNames(SHOP_COLUMNS)} FROM shops
      WHERE shop_id > $1 ORDER BY shop_id LIMIT ${PAGE_ROWS}`;
    return pages({
      firstKey: '',
      readAfter: async (shopId) =>
        (await readPage<ShopRow>(this.#sql, { select, orderBy: 'shop_id', values: [shopId] })).map(
          shopFromRow,
        ),
      keyOf: (shop) => shop.shopId,
    });
  }

  allProductRevisions(): AsyncIterable<ProductRevision[]> {
    const select = `${SELECT_REVISIONS}
      WHERE (product_id, revision) > ($1, $2) ORDER BY product_id, revision LIMIT ${PAGE_ROWS}`;
    return pages({
      firstKey: { productId: '', revision: 0 },
      readAfter: async ({ productId, revision }) =>
        (
          await readPage<ProductRow>(this.#sql, {
            select,
            orderBy: 'product_id, revision',
            values: [productId, revision],
          })
        ).map(revisionFromRow),
      keyOf: ({ product, revision }) => ({ productId: product.productId, revision }),
    });
  }

  async counts(): Promise<{ shops: number; products: number }> {
    const [row] = await this.#sql.query<{ shops: number; products: number }>(
      'SELECT (SELECT count(*) FROM shops) AS shops, (SELECT count(*) FROM products) AS products',
    );
    return { shops: row?.shops ?? 0, products: row?.products ?? 0 };
  }

  async changes({ afterSeq, limit }: { afterSeq: number; limit: number }): Promise<CatalogChange[]> {
    const [row] = await this.#sql.query<{
      shops: Changed<ShopRow>[] | null;
      revisions: Changed<ProductRow>[] | null;
    }>(CHANGES, [afterSeq, limit]);
    const changes: CatalogChange[] = [
      ...(row?.shops ?? []).map((shop) => ({
        seq: shop.change_seq,
        kind: 'shop' as const,
        shop: shopFromRow(shop),
      })),
      ...(row?.revisions ?? []).map((revision) => ({
        seq: revision.change_seq,
        kind: 'product' as const,
        revision: revisionFromRow(revision),
      })),
    ];
    // Each kind has at most `limit`: what lies beyond the first `limit` of both together comes next time.
    return changes.sort((one, other) => one.seq - other.seq).slice(0, limit);
  }

  async lastChangeSeq(): Promise<number> {
    const [row] = await this.#sql.query<{ seq: number }>(
      `SELECT coalesce(greatest(
         (SELECT max(change_seq) FROM shops), (SELECT max(change_seq) FROM product_revisions)
       ), 0) AS seq`,
    );
    return row?.seq ?? 0;
  }
}

async function upsertAll(queries: SqlQueries, products: readonly Product[]): Promise<Map<string, number>> {
  const revisions = new Map<string, number>();
  for (const chunk of chunksOf(products, MAX_ITEMS_A_STATEMENT)) {
    const values = arraysOf(PRODUCT_COLUMNS, chunk);
    const rows = await queries.query<{ product_id: string; revision: number }>(UPSERT_PRODUCTS, values);
    for (const row of rows) revisions.set(row.product_id, row.revision);
  }
  return revisions;
}

function columnsOf(table: string): string {
  return CONTENT_COLUMNS.map((column) => `${table}.${column.name}`).join(', ');
}
