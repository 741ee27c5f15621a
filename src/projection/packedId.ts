import type { ByteReader, ByteWriter } from './bytes.js';

/*
 * An id begins with a byte whose highest bits say its form. Nearly all ids in the field are a letter
 * and a number, numbers, UUIDs or hexadecimal: those are kept as the numbers that they are. Every id
 * has one packed form, so that equal ids are equal bytes.
 *
 *   0LLvvvvv  `p352849`: L picks how many bytes follow, v begins the number times the letters there are
 *             plus the letter's place
 *   10LLLvvv  `352849`: L bytes follow, v begins the number; L = 7: eight bytes follow, which are it
 *   110nnnnn  hexadecimal, two lower-case digits a byte, n + 2 bytes; n = 0: a UUID
 *   111nnnnn  text: n bytes of UTF-8; n = 31: as many as a varint says
 */
const LETTER = 0b0000_0000;
const DECIMAL = 0b1000_0000;
const HEX = 0b1100_0000;
const TEXT = 0b1110_0000;

/** By L, how many bytes follow in the form of a letter. Three hold ten million: most shops' ids. */
const LETTER_BYTES = [2, 3, 4, 6] as const;
const EIGHT_BYTES = 7;
const UUID = 0;
const HEX_MORE = 2;
const LONG = 0b0001_1111;

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

const IS_DECIMAL = /^(?:0|[1-9]\d{0,19})$/;
const IS_LETTER_AND_DECIMAL = /^[a-zA-Z](?:0|[1-9]\d{0,12})$/;
const IS_UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const IS_HEX = /^(?:[\da-f]{2}){3,33}$/;

/** What three bits in the first byte and six more hold. */
const FITS_SIX_BYTES = 2 ** 51;
const UINT64_END = 2n ** 64n;

export function writeId(to: ByteWriter, id: string): void {
  if (IS_LETTER_AND_DECIMAL.test(id)) writeLetterAndDecimal(to, id);
  else if (IS_DECIMAL.test(id) && BigInt(id) < UINT64_END) writeDecimal(to, id);
  else if (IS_UUID.test(id)) {
    to.uint(HEX | UUID, 1);
    to.bytes(Buffer.from(id.replaceAll('-', ''), 'hex'));
  } else if (IS_HEX.test(id)) {
    to.uint(HEX | (id.length / 2 - HEX_MORE), 1);
    to.bytes(Buffer.from(id, 'hex'));
  } else writeText(to, id);
}

export function readId(from: ByteReader): string {
  const head = from.uint8();
  if (head < DECIMAL) return readLetterAndDecimal(from, head);
  if (head < HEX) return readDecimal(from, head);
  if (head < TEXT) {
    return head === (HEX | UUID) ? withDashes(from.hex(16)) : from.hex((head & LONG) + HEX_MORE);
  }
  const length = head & LONG;
  return from.utf8(length === LONG ? from.varint() : length);
}

function writeLetterAndDecimal(to: ByteWriter, id: string): void {
  const value = Number(id.slice(1)) * LETTERS.length + LETTERS.indexOf(id.charAt(0));
  const choice = LETTER_BYTES.findIndex((following) => value < 32 * 256 ** following);
  writeNumber(to, { head: LETTER | (choice << 5), value, following: LETTER_BYTES[choice] ?? 6 });
}

function readLetterAndDecimal(from: ByteReader, head: number): string {
  const following = LETTER_BYTES[head >> 5] ?? 6;
  const value = (head & 0b1_1111) * 256 ** following + from.uint(following);
  const letter = value % LETTERS.length;
  return LETTERS.charAt(letter) + (value - letter) / LETTERS.length;
}

function writeDecimal(to: ByteWriter, id: string): void {
  const value = Number(id);
  if (value >= FITS_SIX_BYTES) {
    to.uint(DECIMAL | (EIGHT_BYTES << 3), 1);
    to.uint64(BigInt(id));
    return;
  }
  let following = 0;
  while (value >= 8 * 256 ** following) following++;
  writeNumber(to, { head: DECIMAL | (following << 3), value, following });
}

function readDecimal(from: ByteReader, head: number): string {
  const following = (head >> 3) & 0b111;
  if (following === EIGHT_BYTES) return String(from.uint64());
  const high = head & 0b111;
  return String(following === 0 ? high : high * 256 ** following + from.uint(following));
}

function writeNumber(
  to: ByteWriter,
  { head, value, following }: { head: number; value: number; following: number },
): void {
  const unit = 256 ** following;
  to.uint(head | Math.floor(value / unit), 1);
  if (following > 0) to.uint(value % unit, following);
}

function writeText(to: ByteWriter, text: string): void {
  const bytes = Buffer.from(text);
  if (bytes.length < LONG) to.uint(TEXT | bytes.length, 1);
  else {
    to.uint(TEXT | LONG, 1);
    to.varint(bytes.length);
  }
  to.bytes(bytes);
}

function withDashes(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
