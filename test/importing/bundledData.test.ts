import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Product } from '../../src/catalog/product.js';
import { readFolder } from '../../src/importing/readFolder.js';

const DIR = fileURLToPath(new URL('../../data/completejourney', import.meta.url));

/** The number of rows that the folder's README states for each file. */
function statedRows(): Map<string, number> {
  const rows = readFileSync(`${DIR}/README.md`, 'utf8').matchAll(/^\| `(\w+)\.csv\.gz` \| ([\d,]+) \|/gm);
  return new Map(Array.from(rows, ([, table, count]) => [table ?? '', Number(count?.replaceAll(',', ''))]));
}

describe('the bundled data', () => {
  it('has no bad row, as many rows as its README says, and only names that it explains', async () => {
    const bad: string[] = [];
    const folder = await readFolder({
      dir: DIR,
      nowMs: Date.UTC(2026, 0, 1),
      onRejected: (file, row) => bad.push(`${file.fileName}:${row.line}`),
    });
    const shops = new Set<string>();
    const products = new Map<string, Product>();
    const users = new Set<string>();
    const events = new Set<string>();
    for await (const shop of folder.shops()) shops.add(shop.shopId);
    for await (const product of folder.products()) products.set(product.productId, product);
    for await (const user of folder.users()) users.add(user.userId);
    const strangers: string[] = [];
    let lastMs = 0;
    let outOfOrder = 0;
    for await (const { eventId, type, userId, productId = '', occurredAtMs } of folder.behaviours()) {
      events.add(eventId);
      if (type !== 'purchase' || !users.has(userId) || !products.has(productId)) strangers.push(eventId);
      if (occurredAtMs < lastMs) outOfOrder++;
      lastMs = occurredAtMs;
    }
    for (const { productId, shopId = '', title, categoryPath } of products.values()) {
      if (!shops.has(shopId) || title === '' || categoryPath.length !== 3) strangers.push(productId);
    }
    const stated = statedRows();
    expect({ bad, strangers, outOfOrder }).toEqual({ bad: [], strangers: [], outOfOrder: 0 });
    expect([shops.size, products.size, users.size, events.size]).toEqual(
      ['shops', 'products', 'users', 'behaviours'].map((table) => stated.get(table)),
    );
  }, 120_000);
});
