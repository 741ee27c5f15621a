import type { Behaviour } from '../behaviour/behaviour.js';
import { validateBehaviour } from '../behaviour/validateBehaviour.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import { validateProduct } from '../catalog/validateProduct.js';
import { validateShop } from '../catalog/validateShop.js';
import type { Checked } from '../core/fieldReader.js';
import type { EpochMs } from '../core/time.js';
import type { User } from '../identity/user.js';
import { validateUser } from '../identity/validateUser.js';
import type { CellReader } from './cellReader.js';
import type { TableName } from './dataFolder.js';
import {
  BEHAVIOUR_COLUMNS,
  behaviourRow,
  PRODUCT_COLUMNS,
  productRow,
  SHOP_COLUMNS,
  shopRow,
  USER_COLUMNS,
  userRow,
} from './rows.js';

/** How the rows of one file become checked records. */
export interface Table<T> {
  /** Every column that is read. */
  readonly columns: readonly string[];
  /** Those without which the file means nothing. */
  readonly required: readonly string[];
  /** Cells that cannot be read are violations of the reader; the rest is the room's validator's to say. */
  check(cells: CellReader, nowMs: EpochMs): Checked<T>;
}

// The path of a record is empty, so that a violation names the column alone.

export const shopTable: Table<Shop> = {
  columns: SHOP_COLUMNS,
  required: ['shop_id'],
  check: (cells) => validateShop(shopRow(cells), ''),
};

export const productTable: Table<Product> = {
  columns: PRODUCT_COLUMNS,
  required: ['product_id'],
  check: (cells) => validateProduct(productRow(cells), ''),
};

export const userTable: Table<User> = {
  columns: USER_COLUMNS,
  required: ['user_id'],
  check: (cells) => validateUser(userRow(cells), ''),
};

export const behaviourTable: Table<Behaviour> = {
  columns: BEHAVIOUR_COLUMNS,
  required: ['event_id', 'type', 'user_id', 'occurred_at'],
  check: (cells, nowMs) => validateBehaviour(behaviourRow(cells), '', nowMs),
};

export const TABLES: Readonly<Record<TableName, Table<unknown>>> = {
  shops: shopTable,
  products: productTable,
  users: userTable,
  behaviours: behaviourTable,
};
