import { type ByteReader, ByteWriter } from '../../projection/bytes.js';
import { readId, writeId } from '../../projection/packedId.js';

/** Ids of one maker mostly begin alike (`shop-1001`, `shop-1002`); those of all digits pack better as they are. */
export function writeIdAfter(to: ByteWriter, before: string | undefined, id: string): void {
  if (before === undefined) {
    writeId(to, id);
    return;
  }
  const shared = sharedLength(before, id);
  const [whole, rest] = [packedId(id), packedId(id.slice(shared))];
  const isShorter = rest.length < whole.length;
  to.varint(isShorter ? shared : 0);
  to.bytes(isShorter ? rest : whole);
}

/** What `writeIdAfter` wrote after the same id. */
export function readIdAfter(from: ByteReader, before: string | undefined): string {
  if (before === undefined) return readId(from);
  const shared = from.varint();
  return before.slice(0, shared) + readId(from);
}

function packedId(id: string): Uint8Array {
  const to = new ByteWriter();
  writeId(to, id);
  return to.written();
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  // Not within a character of two units: half of one has no bytes.
  const isWithin = /[\ud800-\udbff]/.test(b.charAt(length - 1));
  return isWithin ? length - 1 : length;
}
