import { asRecord, type Checked, FieldReader } from '../core/fieldReader.js';
import type { EpochMs } from '../core/time.js';
import type { Shop } from './shop.js';

export const MAX_SHOP_NAME_BYTES = 500;
export const MAX_SHOP_CATEGORY_BYTES = 500;
export const MAX_REGION_BYTES = 128;

/** A shop as a caller or a file gave it; undefined, null and the empty text mean absent. */
export interface RawShop {
  readonly shopId?: string | null;
  readonly name?: string | null;
  readonly category?: string | null;
  readonly region?: string | null;
  readonly createdAtMs?: EpochMs | null;
}

/** Checks and normalises one shop. `field` is its path in the request, e.g. `shops[3]`. */
export function validateShop(raw: RawShop, field: string): Checked<Shop> {
  const record = asRecord(raw);
  const read = new FieldReader(field);
  const shopId = read.id('shop_id', record.shopId);
  const name = read.text('name', record.name, MAX_SHOP_NAME_BYTES);
  const category = read.optionalText('category', record.category, MAX_SHOP_CATEGORY_BYTES);
  const region = read.optionalText('region', record.region, MAX_REGION_BYTES);
  const createdAtMs = read.optionalTime('created_at', record.createdAtMs);
  return read.checked(() => ({
    shopId,
    name,
    ...(category !== undefined && { category }),
    ...(region !== undefined && { region }),
    ...(createdAtMs !== undefined && { createdAtMs }),
  }));
}
