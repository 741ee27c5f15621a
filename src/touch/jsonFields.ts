import type { Violation } from '../core/errors.js';
import type { EpochMs } from '../core/time.js';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/;

/** The fields of one JSON object, read by type; what is not of its type is noted with its path. */
export class JsonFields {
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #violations: Violation[];
  readonly #read = new Set<string>();

  constructor(path: string, value: unknown, violations: Violation[]) {
    this.#path = path;
    this.#violations = violations;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject && value !== undefined) this.refuse('', 'must be an object');
    this.#values = isObject ? (value as Record<string, unknown>) : {};
  }

  number(name: string): number {
    return this.#required(name, this.optionalNumber(name)) ?? 0;
  }

  optionalNumber(name: string): number | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'number') return value;
    this.refuse(name, 'must be a number');
    return undefined;
  }

  /** A moment as RFC 3339 writes it, with its offset: as the contract's times are in JSON. */
  time(name: string): EpochMs {
    const text = this.text(name);
    const ms = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
    if (text !== '' && Number.isNaN(ms))
      this.refuse(name, 'must be a time such as 2025-11-10T20:00:00+08:00');
    return Number.isNaN(ms) ? 0 : ms;
  }

  text(name: string): string {
    return this.#required(name, this.optionalText(name)) ?? '';
  }

  optionalText(name: string): string | undefined {
    const value = this.#take(name);
    if (value === undefined || typeof value === 'string') return value;
    this.refuse(name, 'must be a text');
    return undefined;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.#take(name);
    if (typeof value === 'boolean') return value;
    if (value !== undefined) this.refuse(name, 'must be true or false');
    return otherwise;
  }

  texts(name: string): string[] | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    this.refuse(name, 'must be a list of texts');
    return undefined;
  }

  object(name: string): JsonFields {
    return new JsonFields(this.#pathOf(name), this.#take(name), this.#violations);
  }

  optionalObject(name: string): JsonFields | undefined {
    return Object.hasOwn(this.#values, name) ? this.object(name) : undefined;
  }

  list(name: string): JsonFields[] {
    const value = this.#take(name) ?? [];
    if (Array.isArray(value)) {
      return value.map(
        (item, i) => new JsonFields(`${this.#pathOf(name)}[${i}]`, item ?? 'null', this.#violations),
      );
    }
    this.refuse(name, 'must be a list');
    return [];
  }

  /** Notes every field that nothing has read. */
  refuseOthers(rule = 'is not known'): void {
    for (const name of Object.keys(this.#values)) {
      if (!this.#read.has(name)) this.refuse(name, rule);
    }
  }

  refuse(name: string, rule: string): void {
    this.#violations.push({ field: (name === '' ? this.#path : this.#pathOf(name)) || 'policy', rule });
  }

  #required<Value>(name: string, value: Value | undefined): Value | undefined {
    if (this.#values[name] === undefined) this.refuse(name, 'must be given');
    return value;
  }

  #take(name: string): unknown {
    this.#read.add(name);
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  #pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
