import { InvalidInputError } from '../../core/errors.js';
import { idViolation } from '../../core/ids.js';
import type { EpochMs } from '../../core/time.js';
import type { Timestamp } from '../../gen/google/protobuf/timestamp.js';

/**
 * A 64-bit number as the rooms take it. Past 2^53 it is no longer exact, but stays out of every
 * range that a validator allows, so it is refused there by name.
 */
export function toNumber(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** NaN (which validators refuse by name) when the nanoseconds are not those of a timestamp. */
export function toEpochMs(timestamp: Timestamp | undefined): EpochMs | undefined {
  if (timestamp === undefined) return undefined;
  const { seconds, nanos } = timestamp;
  if (nanos < 0 || nanos > 999_999_999) return Number.NaN;
  return Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000);
}

export function toTimestamp(ms: EpochMs): Timestamp;
export function toTimestamp(ms: EpochMs | undefined): Timestamp | undefined;
export function toTimestamp(ms: EpochMs | undefined): Timestamp | undefined {
  if (ms === undefined) return undefined;
  const seconds = Math.floor(ms / 1_000);
  return { seconds: BigInt(seconds), nanos: Math.round(ms - seconds * 1_000) * 1_000_000 };
}

/** The contract's texts are never absent: empty means so. */
export function toOptional(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** Words of the rooms and codes of the contract, one to one. */
export interface Codes<Word extends string, Code extends number> {
  toCode(word: Word): Code;
  /** Undefined for `UNSPECIFIED` and for codes that this version does not know. */
  toWord(code: Code): Word | undefined;
}

export function createCodes<Word extends string, Code extends number>(
  codes: Readonly<Record<Word, Code>>,
): Codes<Word, Code> {
  const words = new Map(Object.entries<Code>(codes).map(([word, code]) => [code, word as Word]));
  return { toCode: (word) => codes[word], toWord: (code) => words.get(code) };
}

/** The most shops, products, users or events that one message may bring. */
export const MAX_BATCH = 10_000;

/** @throws InvalidInputError before anything of a batch that is too large is looked at */
export function checkBatch(field: string, batch: readonly unknown[], most: number = MAX_BATCH): void {
  if (batch.length > most) {
    throw new InvalidInputError({
      field,
      rule: `must hold at most ${most} entries, not ${batch.length}`,
    });
  }
}

/** The id itself. @throws InvalidInputError naming the field when it cannot be one */
export function checkId(field: string, id: string): string {
  const violation = idViolation(field, id);
  if (violation !== undefined) throw new InvalidInputError(violation);
  return id;
}
