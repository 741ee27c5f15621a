import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRecord, CsvRecords, MAX_ROW_BYTES } from '../../src/importing/csvRecords.js';

async function readAll(content: string | Buffer, chunkBytes = 1 << 16): Promise<CsvRecord[]> {
  const bytes = Buffer.from(content);
  const reader = new CsvRecords();
  const records: CsvRecord[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    records.push(...(await reader.read(bytes.subarray(at, at + chunkBytes))));
  }
  records.push(...(await reader.end()));
  return records;
}

const brief = (record: CsvRecord) => [record.line, record.fields ?? record.fault, record.bytes.toString()];

describe('CSV records', () => {
  it('count physical lines through fields that hold line breaks, with LF and CRLF', async () => {
    const rows = ['id,title', 'a,"two', 'lines"', 'b,"three', '', 'lines"', '', 'c,one'];
    for (const lineBreak of ['\n', '\r\n']) {
      const records = await readAll(rows.join(lineBreak));
      expect(records.map(({ line, fields }) => [line, fields])).toEqual([
        [1, ['id', 'title']],
        [2, ['a', `two${lineBreak}lines`]],
        [4, ['b', `three${lineBreak}${lineBreak}lines`]],
        [8, ['c', 'one']],
      ]);
    }
  });

  it('are the same however the bytes are cut into chunks', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', ' ', '衣', '🧥'),
      maxLength: 6,
    });
    const table = fc.array(fc.tuple(cell, cell, fc.constant('end')), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom<'\n' | '\r\n'>('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        async (rows, lineBreak, bom, chunkBytes) => {
          const texts = rows.map((row) =>
            stringify([row], { record_delimiter: lineBreak, quoted_match: /[\r\n]/ }),
          );
          const records = await readAll(`${bom ? '\ufeff' : ''}${texts.join('')}`, chunkBytes);
          expect(records.map((record) => record.fields)).toEqual(rows);
          let line = 1;
          for (const [i, text] of texts.entries()) {
            expect(records[i]?.line).toBe(line);
            line += text.split('\n').length - 1;
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('lose one physical line to a misplaced quote, and no good row after it', async () => {
    const content = [
      'id,title', // 1
      'a,6" nails', // 2: opens inside a field
      'b,fine', // 3
      'c,"cut"off', // 4: goes on after closing
      'd,fine', // 5
      'e,"never closed', // 6
      'f,fine', // 7
      'g,"quoted, and fine"', // 8
      'h,"never closed at the end', // 9
    ].join('\n');
    for (const chunkBytes of [1, 7, 1 << 16]) {
      const records = await readAll(content, chunkBytes);
      expect(records.map(brief)).toEqual([
        [1, ['id', 'title'], 'id,title'],
        [2, expect.stringContaining('not quoted'), 'a,6" nails'],
        [3, ['b', 'fine'], 'b,fine'],
        [4, expect.stringContaining('after a closing quote'), 'c,"cut"off'],
        [5, ['d', 'fine'], 'd,fine'],
        [6, expect.stringContaining('quote'), 'e,"never closed'],
        [7, ['f', 'fine'], 'f,fine'],
        [8, ['g', 'quoted, and fine'], 'g,"quoted, and fine"'],
        [9, 'must close the quoted field that it opens', 'h,"never closed at the end'],
      ]);
    }
  });

  it('do not make one row of two whose stray quotes happen to pair', async () => {
    const records = await readAll('id,title\na,"x\nb",y\nc,d\n');
    expect(records.map(brief).slice(1)).toEqual([
      [2, 'must have 2 fields as the header has, not 3', 'a,"x'],
      [3, expect.stringContaining('not quoted'), 'b",y'],
      [4, ['c', 'd'], 'c,d'],
    ]);
  });

  it('say how many fields a row has when the header has another number', async () => {
    const records = await readAll('id,title\na\nb,c,d\n\ne,f\n');
    expect(records.map(brief).slice(1)).toEqual([
      [2, 'must have 2 fields as the header has, not 1', 'a'],
      [3, 'must have 2 fields as the header has, not 3', 'b,c,d'],
      [5, ['e', 'f'], 'e,f'],
    ]);
  });

  it('give up on a row that is too long, and read on after it', async () => {
    const long = 'x'.repeat(3 * MAX_ROW_BYTES);
    const records = await readAll(`id,title\na,${long}\nb,fine\n`);
    expect(records.map(({ line, fields }) => [line, fields])).toEqual([
      [1, ['id', 'title']],
      [2, undefined],
      [3, ['b', 'fine']],
    ]);
    expect(records[1]?.fields === undefined && records[1]?.fault).toContain(`at most ${MAX_ROW_BYTES} bytes`);
    expect(records[1]?.bytes.length).toBeLessThanOrEqual(MAX_ROW_BYTES);
  });

  it('lose only its first line to a quoted field that is never closed in a long file', async () => {
    const good = Array.from({ length: 60_000 }, (_, i) => `p${i},${'y'.repeat(20)}`);
    const records = await readAll(['id,title', 'a,"open', ...good].join('\n'));
    expect(records.filter((record) => record.fields === undefined).map(({ line }) => line)).toEqual([2]);
    expect(records).toHaveLength(good.length + 2);
    expect(records.at(-1)?.line).toBe(good.length + 2);
  });
});
