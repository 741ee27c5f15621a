import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ImportSinks } from '../../src/importing/importFolder.js';
import type { Sink } from '../../src/importing/importTable.js';
import { tempDir } from '../support/tempDir.js';

/** A data folder with these files; a name that ends in `.gz` is packed. */
export function aFolder(files: Readonly<Record<string, string | Buffer>>): string {
  const dir = tempDir();
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    writeFileSync(join(dir, name), name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  }
  return dir;
}

/** Sinks that keep what they are given by id, as a store does: equal content again is a duplicate. */
export function keepingSinks() {
  const order: string[] = [];
  const keep = <T>(name: string, idOf: (value: T) => string) => {
    const kept = new Map<string, T>();
    const batchSizes: number[] = [];
    const sink: Sink<T> = async (batch) => {
      order.push(name);
      batchSizes.push(batch.length);
      let accepted = 0;
      for (const value of batch) {
        if (JSON.stringify(kept.get(idOf(value))) !== JSON.stringify(value)) accepted++;
        kept.set(idOf(value), value);
      }
      return { accepted, duplicate: batch.length - accepted, rejected: [] };
    };
    return { kept, batchSizes, sink };
  };
  const shops = keep('shops', (shop: { shopId: string }) => shop.shopId);
  const products = keep('products', (product: { productId: string }) => product.productId);
  const users = keep('users', (user: { userId: string }) => user.userId);
  const behaviours = keep('behaviours', (behaviour: { eventId: string }) => behaviour.eventId);
  const sinks: ImportSinks = {
    shops: shops.sink,
    products: products.sink,
    users: users.sink,
    behaviours: behaviours.sink,
  };
  return { sinks, order, shops, products, users, behaviours };
}
