import { type ByteReader, type ByteWriter, UnreadableBytesError } from './bytes.js';

/*
 * An id begins with a byte whose high two bits say its form. Nearly all ids in the field are
 * numbers, a letter and a number, UUIDs or hexadecimal: those are kept as the numbers that they are.
 * Every id has one packed form, so that equal ids are equal bytes.
 */
const FORM = 0b1100_0000;
/** `352849`: three bits how many bytes follow, then the number from the lowest bits of this byte on. */
const DECIMAL = 0b0000_0000;
/** `p352849`: the same, of the number times the letters there are plus the letter's place. */
const LETTER = 0b0100_0000;
/** How many bytes, or `UUID`; two lower-case digits a byte. */
const HEX = 0b1000_0000;
const UUID = 0;
/** How many bytes of UTF-8, or `LONG` and then a varint. */
const TEXT = 0b1100_0000;
const LONG = 0b0011_1111;

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

const IS_DECIMAL = /^(?:0|[1-9]\d{0,19})$/;
const IS_LETTER_AND_DECIMAL = /^[a-zA-Z](?:0|[1-9]\d{0,13})$/;
const IS_UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const IS_HEX = /^(?:[\da-f]{2}){3,63}$/;

/** 2^51: three bits beside the form and six bytes. Above it eight bytes follow. */
const FITS_SIX_BYTES = 2 ** 51;
const EIGHT_BYTES = 7;
const UINT64_END = 2n ** 64n;

export function writeId(to: ByteWriter, id: string): void {
  const number = asNumber(id);
  if (number !== undefined) writeNumber(to, number);
  else if (IS_DECIMAL.test(id) && BigInt(id) < UINT64_END) {
    to.uint(DECIMAL | (EIGHT_BYTES << 3), 1);
    to.uint64(BigInt(id));
  } else if (IS_UUID.test(id)) {
    to.uint(HEX | UUID, 1);
    to.bytes(Buffer.from(id.replaceAll('-', ''), 'hex'));
  } else if (IS_HEX.test(id)) {
    to.uint(HEX | (id.length / 2), 1);
    to.bytes(Buffer.from(id, 'hex'));
  } else writeText(to, id);
}

export function readId(from: ByteReader): string {
  const head = from.uint8();
  const rest = head & ~FORM;
  switch (head & FORM) {
    case DECIMAL:
      return rest >> 3 === EIGHT_BYTES ? String(from.uint64()) : String(readNumber(from, rest));
    case LETTER: {
      const value = readNumber(from, rest);
      const letter = value % LETTERS.length;
      return LETTERS.charAt(letter) + (value - letter) / LETTERS.length;
    }
    case HEX:
      return rest === UUID ? withDashes(from.hex(16)) : from.hex(rest);
    default:
      return from.utf8(rest === LONG ? from.varint() : rest);
  }
}

interface PackedNumber {
  readonly form: typeof DECIMAL | typeof LETTER;
  readonly value: number;
}

function asNumber(id: string): PackedNumber | undefined {
  let number: PackedNumber | undefined;
  if (IS_DECIMAL.test(id)) number = { form: DECIMAL, value: Number(id) };
  else if (IS_LETTER_AND_DECIMAL.test(id)) {
    number = { form: LETTER, value: Number(id.slice(1)) * LETTERS.length + LETTERS.indexOf(id.charAt(0)) };
  }
  return number !== undefined && number.value < FITS_SIX_BYTES ? number : undefined;
}

function writeNumber(to: ByteWriter, { form, value }: PackedNumber): void {
  let following = 0;
  while (value >= 2 ** (3 + 8 * following)) following++;
  const unit = 2 ** (8 * following);
  to.uint(form | (following << 3) | Math.floor(value / unit), 1);
  if (following > 0) to.uint(value % unit, following);
}

function readNumber(from: ByteReader, rest: number): number {
  const following = rest >> 3;
  if (following === EIGHT_BYTES) throw new UnreadableBytesError('a letter with a number that is too long');
  return following === 0 ? rest : (rest & 0b111) * 2 ** (8 * following) + from.uint(following);
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
