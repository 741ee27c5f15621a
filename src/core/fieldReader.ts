import type { Violation } from './errors.js';
import { idViolation, textViolation } from './ids.js';
import type { EpochMs } from './time.js';

/** What a validator answers: the checked value, or everything that is wrong with it at once. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly violations: Violation[] };

/** The most attributes of one product or user, and the longest name and value in UTF-8 bytes. */
export const MAX_ATTRIBUTES = 64;
export const MAX_ATTRIBUTE_NAME_BYTES = 64;
export const MAX_ATTRIBUTE_VALUE_BYTES = 256;

/** Bounds of a time that is not a behaviour's: 1970 up to the end of the year 9999. */
const LATEST_MS = 253_402_300_799_999;

/** Half of a surrogate pair without the other: no UTF-8 text holds one, and no database takes it. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads the fields of one raw record and collects every violation under the record's path, so that
 * a caller hears of all mistakes at once. Field names are those of the contract (snake_case).
 * Undefined, null and (for texts) the empty text mean absent. Takes whatever a wire or a file may
 * give, never throws, and lets no number through that is not finite.
 */
export class FieldReader {
  readonly violations: Violation[] = [];
  readonly #path: string;

  /** `path` is where the record stands in the request, e.g. `products[3]`; empty for the top. */
  constructor(path: string) {
    this.#path = path;
  }

  violate(name: string, rule: string): void {
    this.violations.push({ field: this.#fieldPath(name), rule });
  }

  /** An id that must be there; the empty text after a violation. */
  id(name: string, value: unknown): string {
    const text = this.#asText(name, value);
    if (text === undefined) return '';
    const clean = this.#keep(idViolation(this.#fieldPath(name), text));
    return clean && this.#wellFormed(name, text) ? text : '';
  }

  optionalId(name: string, value: unknown): string | undefined {
    return isAbsent(value) ? undefined : this.id(name, value) || undefined;
  }

  /** A text without surrounding white space; empty when absent or after a violation. */
  text(name: string, value: unknown, maxBytes: number): string {
    const text = this.#asText(name, value)?.trim() ?? '';
    const clean = this.#keep(textViolation(this.#fieldPath(name), text, maxBytes));
    return clean && this.#wellFormed(name, text) ? text : '';
  }

  optionalText(name: string, value: unknown, maxBytes: number): string | undefined {
    return isAbsent(value) ? undefined : this.text(name, value, maxBytes) || undefined;
  }

  optionalNumber(name: string, value: unknown, { min, max }: Range): number | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || Number.isNaN(value)) this.violate(name, 'must be a number');
    else if (value < min || value > max) this.violate(name, `must be from ${min} to ${max}`);
    else return value + 0; // −0 becomes 0
    return undefined;
  }

  optionalInteger(name: string, value: unknown, range: Range): number | undefined {
    const number = this.optionalNumber(name, value, range);
    if (number === undefined || Number.isSafeInteger(number)) return number;
    this.violate(name, 'must be a whole number');
    return undefined;
  }

  /** A price in the smallest unit of its currency. */
  optionalPriceMinor(name: string, value: unknown): number | undefined {
    return this.optionalInteger(name, value, { min: 0, max: Number.MAX_SAFE_INTEGER });
  }

  /** An ISO 4217 code, in upper case whatever the caller wrote. */
  optionalCurrency(name: string, value: unknown): string | undefined {
    if (isAbsent(value)) return undefined;
    if (typeof value === 'string' && /^[a-z]{3}$/i.test(value)) return value.toUpperCase();
    this.violate(name, 'must be an ISO 4217 code of three letters');
    return undefined;
  }

  optionalFlag(name: string, value: unknown): boolean | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'boolean') return value;
    this.violate(name, 'must be true or false');
    return undefined;
  }

  /** A time in whole milliseconds, from 1970 to the end of the year 9999. */
  optionalTime(name: string, value: unknown): EpochMs | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && value >= 0 && value <= LATEST_MS) return Math.floor(value);
    this.violate(name, 'must be a time from 1970 to 9999');
    return undefined;
  }

  /** Names with texts or numbers; numbers become text. Absent is empty. */
  attributes(name: string, value: unknown): Record<string, string> {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.violate(name, 'must map names to texts or numbers');
      return {};
    }
    const entries = Object.entries(value);
    if (entries.length > MAX_ATTRIBUTES) {
      this.violate(name, `must hold at most ${MAX_ATTRIBUTES} entries, not ${entries.length}`);
      return {};
    }
    const checked = new Map<string, string>();
    for (const [rawKey, rawValue] of entries) {
      const key = this.text(`${name} (a name)`, rawKey, MAX_ATTRIBUTE_NAME_BYTES);
      // The path quotes the name only when it is fit to be shown.
      const path = key === '' ? name : `${name}[${JSON.stringify(key)}]`;
      if (rawKey.trim() === '') this.violate(name, 'must not hold an empty name');
      if (checked.has(key)) this.violate(path, 'must not be there twice');
      checked.set(key, this.#attributeValue(path, rawValue));
    }
    return Object.fromEntries([...checked].filter(([key, text]) => key !== '' && text !== ''));
  }

  /** The answer of the validator; `build` runs only when nothing was violated. */
  checked<T>(build: () => T): Checked<T> {
    return this.violations.length > 0
      ? { ok: false, violations: this.violations }
      : { ok: true, value: build() };
  }

  #attributeValue(path: string, value: unknown): string {
    if (typeof value !== 'number') return this.text(path, value, MAX_ATTRIBUTE_VALUE_BYTES);
    if (Number.isFinite(value)) return String(value);
    this.violate(path, 'must be a finite number');
    return '';
  }

  #asText(name: string, value: unknown): string | undefined {
    if (value === undefined || value === null) return '';
    if (typeof value === 'string') return value;
    this.violate(name, 'must be a text');
    return undefined;
  }

  #wellFormed(name: string, text: string): boolean {
    if (!LONE_SURROGATE.test(text)) return true;
    this.violate(name, 'must be valid Unicode');
    return false;
  }

  #keep(violation: Violation | undefined): boolean {
    if (violation !== undefined) this.violations.push(violation);
    return violation === undefined;
  }

  #fieldPath(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** A record to read fields from; anything else is read as a record without fields. */
export function asRecord(raw: unknown): Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
}
