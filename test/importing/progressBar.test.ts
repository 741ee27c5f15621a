import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgressBar, showImport } from '../../src/importing/progressBar.js';

const aFile = (fileName: string) =>
  ({ table: 'products', fileName, path: `/data/${fileName}`, gzipped: true, sizeBytes: 200 }) as const;

describe('a progress bar', () => {
  it('writes one plain line a phase when the stream is no terminal', () => {
    const stream = new PassThrough();
    const bar = createProgressBar(stream);
    const show = showImport(bar);
    for (const bytesRead of [0, 50, 100, 200])
      show({ file: aFile('products.csv.gz'), bytesRead, rows: bytesRead * 10 });
    show({ file: aFile('users.csv'), bytesRead: 200, rows: 7 });
    bar.stop();
    bar.stop();
    expect(String(stream.read())).toBe('import products.csv.gz: 2,000 rows\nimport users.csv: 7 rows\n');
  });

  it('draws the share of bytes read when the stream is a terminal', () => {
    const stream = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 120,
      cursorTo: () => true,
      clearLine: () => true,
    });
    const bar = createProgressBar(stream);
    const show = showImport(bar);
    show({ file: aFile('products.csv.gz'), bytesRead: 0, rows: 0 });
    show({ file: aFile('products.csv.gz'), bytesRead: 100, rows: 1_234 });
    bar.stop();
    const drawn = String(stream.read());
    expect(drawn).toContain('import products.csv.gz');
    expect(drawn).toContain('50 %');
    expect(drawn).toContain('1,234 rows');
  });
});
