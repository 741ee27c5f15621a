import type { Violation } from '../core/errors.js';
import { REPLACEMENT_CHARACTER } from '../core/ids.js';
import type { EpochMs } from '../core/time.js';
import { parseRfc3339 } from './rfc3339.js';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Reads the cells of one row by column name into what the rooms' validators take. An absent column and
 * an empty cell are undefined; so is a cell that cannot be read, which is then a violation.
 */
export class CellReader {
  readonly violations: Violation[] = [];
  readonly #columns: ReadonlyMap<string, number>;
  readonly #fields: readonly string[];

  constructor(columns: ReadonlyMap<string, number>, fields: readonly string[]) {
    this.#columns = columns;
    this.#fields = fields;
  }

  text(column: string): string | undefined {
    const at = this.#columns.get(column);
    const text = at === undefined ? undefined : this.#fields[at];
    if (text === undefined || text === '') return undefined;
    // What the decoder leaves where bytes were not UTF-8.
    if (text.includes(REPLACEMENT_CHARACTER)) return this.#violate(column, 'must be valid UTF-8');
    return text;
  }

  number(column: string): number | undefined {
    const text = this.text(column)?.trim();
    if (text === undefined || text === '') return undefined;
    return NUMBER.test(text) ? Number(text) : this.#violate(column, 'must be a number');
  }

  time(column: string): EpochMs | undefined {
    const text = this.text(column)?.trim();
    if (text === undefined || text === '') return undefined;
    const rule = 'must be an RFC 3339 time such as 2024-05-01T09:30:00Z';
    return parseRfc3339(text) ?? this.#violate(column, rule);
  }

  flag(column: string): boolean | undefined {
    const text = this.text(column)?.trim().toLowerCase();
    if (text === undefined || text === '') return undefined;
    if (text === 'true') return true;
    if (text === 'false') return false;
    return this.#violate(column, 'must be true or false');
  }

  /** Levels joined by `/`. */
  path(column: string): readonly string[] | undefined {
    return this.text(column)?.split('/');
  }

  /** A JSON object; what its values may be is the validator's to say. */
  json(column: string): Readonly<Record<string, string | number>> | undefined {
    const text = this.text(column);
    if (text === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        return value as Record<string, string | number>;
      }
    } catch {
      // Told below, in the same words.
    }
    return this.#violate(column, 'must be a JSON object such as {"fabric":"cotton"}');
  }

  #violate(field: string, rule: string): undefined {
    this.violations.push({ field, rule });
    return undefined;
  }
}
