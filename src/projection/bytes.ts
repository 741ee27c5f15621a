/** Packed bytes that this version of TagRank cannot read: cut short, damaged, or of a later format. */
export class UnreadableBytesError extends Error {
  override readonly name = 'UnreadableBytesError';
}

/** Bytes as they are written, field after field, numbers high byte first. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(64);
  #length = 0;

  /** A whole number, at least 0, in `width` bytes (1 to 6). */
  uint(value: number, width: number): void {
    this.#makeRoom(width);
    this.#length = this.#bytes.writeUIntBE(value, this.#length, width);
  }

  uint64(value: bigint): void {
    this.#makeRoom(8);
    this.#length = this.#bytes.writeBigUInt64BE(value, this.#length);
  }

  /** A whole number, at least 0, in as few bytes as it needs: seven bits a byte, low ones first (LEB128). */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.uint((rest % 0x80) | 0x80, 1);
    this.uint(rest, 1);
  }

  /** A whole number of either sign, as a varint: 0, −1, 1, −2, 2 … become 0, 1, 2, 3, 4 … (zigzag). */
  signedVarint(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(source: Uint8Array): void {
    this.#makeRoom(source.length);
    this.#bytes.set(source, this.#length);
    this.#length += source.length;
  }

  /** Each character as the byte of the same number. */
  latin1(text: string): void {
    this.#makeRoom(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  written(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.#bytes, 0, this.#length);
  }

  #makeRoom(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** Reads what `ByteWriter` wrote; throws `UnreadableBytesError` rather than read past the end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the next field begins. */
  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  uint(width: number): number {
    return this.#bytes.readUIntBE(this.#pass(width), width);
  }

  uint8(): number {
    return this.#bytes[this.#pass(1)] as number;
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#pass(8));
  }

  varint(): number {
    let value = 0;
    for (let unit = 1; unit <= Number.MAX_SAFE_INTEGER; unit *= 0x80) {
      const byte = this.uint8();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
    throw new UnreadableBytesError('a number that is too long');
  }

  signedVarint(): number {
    const zigzag = this.varint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  utf8(length: number): string {
    const from = this.#pass(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  hex(length: number): string {
    const from = this.#pass(length);
    return this.#bytes.toString('hex', from, from + length);
  }

  /** What was read since `from`, each byte as the character of the same number. */
  latin1Since(from: number): string {
    return this.#bytes.toString('latin1', from, this.#at);
  }

  /** Steps over `count` bytes; answers where they begin. */
  #pass(count: number): number {
    const from = this.#at;
    if (from + count > this.#bytes.length) throw new UnreadableBytesError('packed bytes end within a field');
    this.#at = from + count;
    return from;
  }
}
