import { type Parser, parse } from 'csv-parse';

/** Longest row read, in bytes; the longest that any validator accepts is about a twentieth of it. */
export const MAX_ROW_BYTES = 1 << 20;

/** One record of a CSV file. */
export type CsvRecord = {
  /** The physical line, from 1, on which it starts; a quoted field may hold line breaks. */
  readonly line: number;
  /** As it stands in the file, without its line break; of a row too long to be read, the beginning. */
  readonly bytes: Buffer;
} & ({ readonly fields: readonly string[] } | { readonly fields?: undefined; readonly fault: string });

/** What csv-parse found before it stopped: records with the offset at which each ends. */
interface Parsed {
  readonly fields: readonly string[];
  readonly end: number;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Cuts the bytes of an RFC 4180 file (UTF-8, BOM or not, LF or CRLF, blank lines skipped) into records.
 * csv-parse does the parsing; what is added here is that **one bad row costs one physical line**. After a
 * misplaced quote csv-parse would go on inside a quoted field, perhaps to the end of the file; so where
 * it stops, the line on which the record began is reported as faulty, and a fresh parser goes on with
 * the line after it. A record of several lines whose number of fields differs from the first record's
 * is such a fault too, as two stray quotes make one of two good rows.
 *
 * Memory: a chunk and `MAX_ROW_BYTES` at most.
 */
export class CsvRecords {
  #parser: Parser;
  #parsed: Parsed[] = [];
  /** Bytes of which no record has been made yet. */
  #window: Buffer = Buffer.alloc(0);
  /** How many bytes of the window the parser has seen. */
  #fed = 0;
  /** Where the window begins, counted as the parser counts: from the first byte that it was given. */
  #windowOffset = 0;
  /** The physical line on which the window begins. */
  #line = 1;
  #fieldCount: number | undefined;
  /** Why the parser stopped, until the line to blame is told. */
  #fault: string | undefined;
  /** Whether the window begins in a faulty line, told already. */
  #dropping = false;

  constructor() {
    this.#parser = this.#createParser({ bom: true });
  }

  /** The records that this chunk completes. */
  async read(chunk: Buffer): Promise<CsvRecord[]> {
    this.#window = this.#window.length === 0 ? chunk : Buffer.concat([this.#window, chunk]);
    return this.#advance(false);
  }

  /** The records that the end of the file completes. */
  async end(): Promise<CsvRecord[]> {
    return this.#advance(true);
  }

  async #advance(isEnd: boolean): Promise<CsvRecord[]> {
    const records: CsvRecord[] = [];
    for (;;) {
      if (this.#dropping && !this.#dropLine(isEnd)) return records;
      this.#fault ??= await this.#parse(isEnd);
      for (const { fields, end } of this.#parsed.splice(0)) {
        records.push({ ...this.#take(end), ...this.#checkCount(fields) });
      }
      if (this.#window.length > MAX_ROW_BYTES) this.#fault ??= faultOfLength();
      if (this.#fault === undefined) return records;
      const line = this.#takeFaultyLine(isEnd);
      if (line === undefined) return records;
      records.push({ ...line, fault: this.#fault });
      this.#fault = undefined;
    }
  }

  /** Hands the parser what it has not seen; answers why it stopped, if it did. */
  async #parse(isEnd: boolean): Promise<string | undefined> {
    const parser = this.#parser;
    const fresh = this.#window.subarray(this.#fed);
    this.#fed = this.#window.length;
    // Both callbacks come once the parser has dealt with the bytes, or with what it stumbled over.
    let error = await new Promise<Error | null | undefined>((resolve) => {
      if (fresh.length === 0) resolve(undefined);
      else parser.write(fresh, resolve);
    });
    if (isEnd && !error) error = await new Promise((resolve) => parser.end(resolve));
    return error ? faultOf(error) : undefined;
  }

  #createParser(options: { bom: boolean }): Parser {
    const parser: Parser = parse({
      ...options,
      record_delimiter: ['\n', '\r\n'],
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (fields: string[]) => {
        this.#fieldCount ??= fields.length;
        if (fields.length !== this.#fieldCount && fields.some((field) => field.includes('\n'))) {
          throw new WrongFieldCount(faultOfCount(fields.length, this.#fieldCount));
        }
        this.#parsed.push({ fields, end: parser.info.bytes });
        // Nothing goes out through the stream, so that records and faults keep their order.
        return null;
      },
    });
    // Errors are taken from the callbacks of write and end.
    parser.on('error', () => {});
    return parser;
  }

  #checkCount(fields: readonly string[]): { fields: readonly string[] } | { fault: string } {
    const expected = this.#fieldCount ?? fields.length;
    return fields.length === expected ? { fields } : { fault: faultOfCount(fields.length, expected) };
  }

  /** Takes the record that ends `end` bytes after the parser's beginning, and blank lines before it. */
  #take(end: number): { line: number; bytes: Buffer } {
    this.#skipBlankLines();
    const line = this.#line;
    const bytes = this.#consume(end - this.#windowOffset);
    return { line, bytes: withoutLineBreak(bytes) };
  }

  /**
   * Takes the line on which the parser stumbled: nothing while its end is still to come, and only the
   * beginning where it is too long to wait for that.
   */
  #takeFaultyLine(isEnd: boolean): { line: number; bytes: Buffer } | undefined {
    this.#skipBlankLines();
    const newline = this.#window.indexOf(NEWLINE);
    if (newline < 0 && !isEnd && this.#window.length <= MAX_ROW_BYTES) return undefined;
    const bytes = newline < 0 ? this.#window : this.#window.subarray(0, newline + 1);
    this.#dropping = true;
    return { line: this.#line, bytes: Buffer.from(withoutLineBreak(bytes).subarray(0, MAX_ROW_BYTES)) };
  }

  /** Leaves the faulty line behind and starts a fresh parser; false while its end is still to come. */
  #dropLine(isEnd: boolean): boolean {
    const newline = this.#window.indexOf(NEWLINE);
    if (newline < 0 && !isEnd) {
      this.#window = Buffer.alloc(0);
      return false;
    }
    this.#consume(newline < 0 ? this.#window.length : newline + 1);
    this.#dropping = false;
    this.#parser.destroy();
    this.#parser = this.#createParser({ bom: false });
    this.#fed = 0;
    this.#windowOffset = 0;
    return true;
  }

  #skipBlankLines(): void {
    for (;;) {
      if (this.#window[0] === NEWLINE) this.#consume(1);
      else if (this.#window[0] === RETURN && this.#window[1] === NEWLINE) this.#consume(2);
      else return;
    }
  }

  /** Moves the beginning of the window on by `length` bytes, which it answers. */
  #consume(length: number): Buffer {
    const bytes = this.#window.subarray(0, length);
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) this.#line++;
    this.#window = this.#window.subarray(length);
    this.#fed -= length;
    this.#windowOffset += length;
    return bytes;
  }
}

class WrongFieldCount extends Error {}

function faultOfCount(count: number, expected: number): string {
  return `must have ${expected} fields as the header has, not ${count}`;
}

function faultOfLength(): string {
  return `must be at most ${MAX_ROW_BYTES} bytes (is a quoted field not closed?)`;
}

function faultOf(error: Error): string {
  if (error instanceof WrongFieldCount) return error.message;
  switch ((error as { code?: string }).code) {
    case 'INVALID_OPENING_QUOTE':
      return 'must not have a quote inside a field that is not quoted';
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'must not go on after a closing quote (a quote inside a quoted field is written twice)';
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'must close the quoted field that it opens';
    default:
      throw error;
  }
}

function withoutLineBreak(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === NEWLINE) end--;
  if (end < bytes.length && bytes[end - 1] === RETURN) end--;
  return bytes.subarray(0, end);
}
