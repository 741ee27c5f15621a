import { randomUUID } from 'node:crypto';
import type { Violation } from './errors.js';

/** Longest id accepted, in UTF-8 bytes: fits every marketplace's ids and keeps Redis keys small. */
export const MAX_ID_BYTES = 128;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * U+FFFD is what the protobuf decoder leaves where bytes were not UTF-8; no real id or title
 * holds it, so its presence is reported as what it is.
 */
export const REPLACEMENT_CHARACTER = '\ufffd';

/** Why `value` cannot be an id, or undefined when it can. */
export function idViolation(field: string, value: string): Violation | undefined {
  if (value === '') return { field, rule: 'must not be empty' };
  if (value.trim() === '') return { field, rule: 'must not be blank' };
  if (value.includes(REPLACEMENT_CHARACTER)) return { field, rule: 'must be valid UTF-8' };
  if (CONTROL.test(value)) return { field, rule: 'must not contain control characters' };
  if (Buffer.byteLength(value) > MAX_ID_BYTES) {
    return { field, rule: `must be at most ${MAX_ID_BYTES} bytes` };
  }
  return undefined;
}

/** Why `value` cannot be a text of at most `maxBytes`, or undefined when it can. Empty is fine. */
export function textViolation(field: string, value: string, maxBytes: number): Violation | undefined {
  if (Buffer.byteLength(value) > maxBytes) {
    return { field, rule: `must be at most ${maxBytes} bytes` };
  }
  if (value.includes(REPLACEMENT_CHARACTER)) return { field, rule: 'must be valid UTF-8' };
  if (value.includes('\u0000')) return { field, rule: 'must not contain NUL' };
  return undefined;
}

export function newId(): string {
  return randomUUID();
}
