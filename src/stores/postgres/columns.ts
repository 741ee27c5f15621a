import type { SqlScalar, SqlValue } from './sql.js';
import { wellFormed } from './text.js';

/** One column of a table: its name, its type, and what an item puts there (absent becomes NULL). */
export interface Column<Item> {
  readonly name: string;
  readonly type: 'text' | 'smallint' | 'integer' | 'bigint' | 'double precision' | 'boolean' | 'jsonb';
  readonly value: (item: Item) => SqlScalar | undefined;
}

export function columnNames<Item>(columns: readonly Column<Item>[]): string {
  return columns.map((column) => column.name).join(', ');
}

/**
 * A FROM item with one row an item: an array a column as `$1`, `$2`…, then `ordinal` from 1 in the
 * order given. One statement for a whole batch, and its text does not depend on the batch's size.
 */
export function unnestOf<Item>(columns: readonly Column<Item>[]): string {
  const arrays = columns.map((column, index) => `$${index + 1}::${column.type}[]`).join(', ');
  return `unnest(${arrays}) WITH ORDINALITY AS given (${columnNames(columns)}, ordinal)`;
}

/** The values for `unnestOf`. Texts are made well formed, so that none can fail its batch. */
export function arraysOf<Item>(columns: readonly Column<Item>[], items: readonly Item[]): SqlValue[] {
  return columns.map((column) => items.map((item) => storable(column.value(item))));
}

function storable(value: SqlScalar | undefined): SqlScalar {
  if (value === undefined) return null;
  return typeof value === 'string' ? wellFormed(value) : value;
}

/** The record without its NULLs: an absent value is an absent key. */
export function withoutNulls<Shape>(record: { readonly [Key in keyof Shape]: Shape[Key] | null }): Shape {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as Shape;
}

/** `items` in runs of at most `size`. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}

/** The last of each id, in the order of ids by UTF-8 bytes, which is PostgreSQL's under COLLATE "C". */
export function lastOfEach<Item>(items: readonly Item[], idOf: (item: Item) => string): Item[] {
  const last = new Map(items.map((item) => [wellFormed(idOf(item)), item]));
  return [...last.entries()]
    .sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    .map(([, item]) => item);
}
