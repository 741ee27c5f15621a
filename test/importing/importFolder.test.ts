import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../src/core/errors.js';
import { importFolder } from '../../src/importing/importFolder.js';
import { describeImport } from '../../src/importing/importReport.js';
import { readFolder } from '../../src/importing/readFolder.js';
import { NOON_MS } from '../support/builders.js';
import { fixedClock } from '../support/clock.js';
import { tempDir } from '../support/tempDir.js';
import { aFolder, keepingSinks } from './folders.js';

const clock = fixedClock();

/** What the rejects file of a table holds: line, reason and record of each row. */
function rejectsOf(rejectsDir: string, table: string): string[][] {
  const [header, ...rows] = parse(readFileSync(join(rejectsDir, `${table}.rejects.csv`)));
  expect(header).toEqual(['file', 'line', 'reason', 'record']);
  return rows.map(([file, line, reason, record]) => [file, line, reason, record] as string[]);
}

async function listOf<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

async function importInto(dir: string, kept = keepingSinks()) {
  const rejectsDir = tempDir();
  const report = await importFolder({ dir, rejectsDir, sinks: kept.sinks, clock });
  return { report, rejectsDir, ...kept };
}

const GOOD_FILES = {
  'shops.csv': 'shop_id,name,category,region,created_at\ns1,Linen House,clothing,上海,2024-01-01T00:00:00Z\n',
  'products.csv': [
    'product_id,shop_id,title,category_path,brand,attributes,price_minor,currency,in_stock,created_at',
    'p1,s1,"Shirt, ""summer""",clothing/shirts,Acme,"{""fabric"":""linen"",""pockets"":1}",9900,cny,false,2024-01-02T00:00:00+08:00',
    'p2,,,,,,,,,',
  ].join('\n'),
  'users.csv':
    'user_id,gender,age_band,region,timezone,attributes\nu1,female,25-29,上海,Asia/Shanghai,"{""tier"":""gold""}"\n',
  'behaviours.csv': [
    'event_id,type,user_id,product_id,shop_id,occurred_at,quantity,price_minor,currency,rating,query,session_id',
    'e1,purchase,u1,p1,s1,2025-05-01T10:00:00Z,2,9900,CNY,,,x1',
    'e2,search,u1,,,2025-05-01T09:00:00.500Z,,,,,linen shirt,',
    'e3,review,u9,p9,,2025-05-02T09:00:00Z,,,,4,,',
  ].join('\n'),
};

describe('importing a folder', () => {
  it('takes every column in, and names that no other file has', async () => {
    const { report, shops, products, users, behaviours, order } = await importInto(aFolder(GOOD_FILES));
    expect(shops.kept.get('s1')).toEqual({
      shopId: 's1',
      name: 'Linen House',
      category: 'clothing',
      region: '上海',
      createdAtMs: Date.UTC(2024, 0, 1),
    });
    expect(products.kept.get('p1')).toEqual({
      productId: 'p1',
      shopId: 's1',
      title: 'Shirt, "summer"',
      categoryPath: ['clothing', 'shirts'],
      brand: 'Acme',
      attributes: { fabric: 'linen', pockets: '1' },
      priceMinor: 9_900,
      currency: 'CNY',
      inStock: false,
      createdAtMs: Date.UTC(2024, 0, 1, 16),
      bid: 0,
    });
    expect(products.kept.get('p2')).toEqual({
      productId: 'p2',
      title: '',
      categoryPath: [],
      attributes: {},
      inStock: true,
      bid: 0,
    });
    expect(users.kept.get('u1')).toMatchObject({
      ageBand: '25-29',
      timezone: 'Asia/Shanghai',
      attributes: { tier: 'gold' },
    });
    expect(behaviours.kept.get('e1')).toMatchObject({
      type: 'purchase',
      quantity: 2,
      priceMinor: 9_900,
      sessionId: 'x1',
    });
    expect(behaviours.kept.get('e2')).toMatchObject({ query: 'linen shirt', quantity: 1 });
    expect(behaviours.kept.get('e3')).toMatchObject({ userId: 'u9', productId: 'p9', rating: 4 });
    expect(order).toEqual(['shops', 'products', 'users', 'behaviours']);
    expect(report.files.map(({ rows, imported }) => [rows, imported])).toEqual([
      [1, 1],
      [2, 2],
      [1, 1],
      [3, 3],
    ]);
    expect(report.missing).toEqual([]);
  });

  it('twice changes nothing and says so', async () => {
    const dir = aFolder(GOOD_FILES);
    const kept = keepingSinks();
    await importInto(dir, kept);
    const before = JSON.stringify([...kept.behaviours.kept, ...kept.products.kept, ...kept.users.kept]);
    const { report } = await importInto(dir, kept);
    expect(report.files.map(({ imported, unchanged }) => [imported, unchanged])).toEqual([
      [0, 1],
      [0, 2],
      [0, 1],
      [0, 3],
    ]);
    expect(JSON.stringify([...kept.behaviours.kept, ...kept.products.kept, ...kept.users.kept])).toBe(before);
  });

  it('reads packed files, byte order marks and CRLF as it reads plain ones', async () => {
    const changed = Object.entries(GOOD_FILES).map(([name, content]) => [
      `${name}.gz`,
      `\ufeff${content.replaceAll('\n', '\r\n')}`,
    ]);
    const plain = await importInto(aFolder(GOOD_FILES));
    const packed = await importInto(aFolder(Object.fromEntries(changed)));
    expect(packed.report.files.map((file) => file.fileName)).toContain('products.csv.gz');
    for (const table of ['shops', 'products', 'users', 'behaviours'] as const) {
      expect([...packed[table].kept]).toEqual([...plain[table].kept]);
    }
  });

  it('rejects bad rows of every sort with line and reason, and imports the rest', async () => {
    const lines = [
      'event_id,type,user_id,product_id,occurred_at,quantity,price_minor,currency,rating', // 1
      'e1,purchase,u1,p1,2025-05-01T10:00:00Z,1,100,CNY,', // 2
      'e2,teleport,u1,p1,2025-05-01T10:00:00Z,1,100,CNY,', // 3
      ',purchase,u1,p1,2025-05-01T10:00:00Z,1,100,CNY,', // 4
      'e4,purchase,u1,"p', // 5: a product id with a line break…
      '1",2025-05-01T10:00:00Z,1,100,CNY,', // 6
      'e5,purchase,u1,p1,2025-05-01,1,100,CNY,', // 7
      'e6,purchase,u1,p1,2025-05-01T10:00:00Z,0,-1,yuan,9', // 8
      'e7,purchase,u1,p1,2025-05-01T10:00:00Z,1,NaN,CNY,', // 9
      'e8,purchase,u1,p1,2025-06-01T13:30:00Z,1,100,CNY,', // 10: ninety minutes after noon
      'e9,browse,u1,,2025-05-01T10:00:00Z,,,,', // 11
      'e10,browse,u1', // 12
      '', // 13
      'e11,browse,u1,"p1,2025-05-01T10:00:00Z,,,,', // 14: never closed
      'e12,browse,u1,p1,2025-05-01T10:00:00Z,,,,', // 15
      'e13,purchase,u1,p1,2025-05-01T10:00:00Z,1,12.50,CNY,', // 16
    ];
    for (const name of ['behaviours.csv', 'behaviours.csv.gz']) {
      const { report, rejectsDir, behaviours } = await importInto(aFolder({ [name]: lines.join('\n') }));
      expect([...behaviours.kept.keys()]).toEqual(['e1', 'e12']);
      const rejects = rejectsOf(rejectsDir, 'behaviours');
      const inOrder = rejects.toSorted((a, b) => Number(a[1]) - Number(b[1]));
      expect(inOrder.map(([, line, reason]) => [Number(line), reason])).toEqual([
        [3, 'type: must be a known type of behaviour'],
        [4, 'event_id: must not be empty'],
        [5, 'product_id: must not contain control characters'],
        [7, 'occurred_at: must be an RFC 3339 time such as 2024-05-01T09:30:00Z'],
        [8, expect.stringMatching(/^quantity: .*; price_minor: .*; currency: .*; rating: /)],
        [9, 'price_minor: must be a number'],
        [10, 'occurred_at: must not be more than an hour in the future'],
        [11, expect.stringMatching(/^product_id: at least one of/)],
        [12, 'row: must have 9 fields as the header has, not 3'],
        [14, expect.stringMatching(/^row: must close/)],
        [16, 'price_minor: must be a whole number'],
      ]);
      expect(inOrder.map(([file]) => file)).toEqual(inOrder.map(() => name));
      expect(inOrder[2]?.[3]).toBe(`${lines[4]}\n${lines[5]}`);
      expect(inOrder[9]?.[3]).toBe(lines[13]);
      const [file] = report.files;
      expect(file).toMatchObject({ rows: 13, imported: 2, unchanged: 0, rejected: 11, leftOut: 0 });
      expect(describeImport(report).join('\n')).toContain('11 rejected rows with reasons in');
    }
  });

  it('rejects bad products and users by column', async () => {
    const { rejectsDir, products, users } = await importInto(
      aFolder({
        'products.csv': [
          'product_id,attributes,in_stock,category_path,title',
          `p1,not json,maybe,a//b,${'t'.repeat(1_001)}`,
          'p2,"[1]",TRUE,a/b,ok',
          'p3,"{""a"":{}}",,,',
          'p4,"{""a"":1}",true,a/b,ok',
        ].join('\n'),
        'users.csv': 'user_id,timezone\nu1,Mars/Olympus\nu2,Europe/Paris\n',
      }),
    );
    expect(rejectsOf(rejectsDir, 'products').map(([, line, reason]) => [line, reason])).toEqual([
      [
        '2',
        expect.stringMatching(
          /^attributes: must be a JSON object.*in_stock: must be true or false.*title: must be at most 1000 bytes/,
        ),
      ],
      ['3', expect.stringMatching(/^attributes: must be a JSON object/)],
      ['4', expect.stringMatching(/^attributes\["a"\]/)],
    ]);
    expect([...products.kept.keys()]).toEqual(['p4']);
    expect(rejectsOf(rejectsDir, 'users').map(([, line, reason]) => [line, reason])).toEqual([
      ['2', 'timezone: must be an IANA time zone such as Asia/Shanghai'],
    ]);
    expect([...users.kept.keys()]).toEqual(['u2']);
  });

  it('rejects bytes that are not UTF-8 naming the column, whatever it holds', async () => {
    const rows = Buffer.from(
      'product_id,title,price_minor,note\np1,ok,1,ok\np2,caf\xe9,\xff,ok\np3,ok,1,\xff\n',
      'latin1',
    );
    const { rejectsDir, products } = await importInto(aFolder({ 'products.csv': rows }));
    expect(rejectsOf(rejectsDir, 'products').map(([, line, reason]) => [line, reason])).toEqual([
      ['3', 'title: must be valid UTF-8; price_minor: must be valid UTF-8'],
    ]);
    // A column that is not read cannot make a row bad.
    expect([...products.kept.keys()]).toEqual(['p1', 'p3']);
  });

  it('keeps rows with columns missing, and tells once of columns that it does not know', async () => {
    const { report, users } = await importInto(
      aFolder({ 'users.csv': 'colour,user_id,shoe_size\nred,u1,43\nblue,u2,\n' }),
    );
    expect([...users.kept.values()]).toEqual([
      { userId: 'u1', attributes: {} },
      { userId: 'u2', attributes: {} },
    ]);
    expect(report.missing).toEqual(['shops', 'products', 'behaviours']);
    expect(describeImport(report)).toEqual([
      'users.csv: 2 rows in 0.0 s: 2 imported, 0 unchanged, 0 rejected',
      'users.csv: columns not known and not read: colour, shoe_size',
      'not in the folder: shops, products, behaviours',
    ]);
  });

  it('refuses a file without a required column, naming both, before anything is imported', async () => {
    const dir = aFolder({ ...GOOD_FILES, 'behaviours.csv': 'event_id,kind,user_id\ne1,browse,u1\n' });
    const kept = keepingSinks();
    await expect(importInto(dir, kept)).rejects.toThrow(
      new InvalidInputError([
        { field: 'behaviours.csv: type', rule: 'must be a column of the file' },
        { field: 'behaviours.csv: occurred_at', rule: 'must be a column of the file' },
      ]),
    );
    expect(kept.order).toEqual([]);
  });

  it.each([
    ['an empty file', { 'users.csv': '' }, 'users.csv: must have a header row'],
    [
      'a column twice',
      { 'users.csv': 'user_id,region,region\n' },
      'users.csv: region: must be one column, not two',
    ],
    ['a broken header', { 'users.csv': 'user_id,"region\nu1,x\n' }, 'users.csv: header: must close'],
    [
      'UTF-16',
      { 'users.csv': Buffer.from('\ufeffuser_id\nu1\n', 'utf16le') },
      'users.csv: must be UTF-8, not UTF-16',
    ],
    [
      'plain and packed at once',
      { 'users.csv': 'user_id\n', 'users.csv.gz': 'user_id\n' },
      'must not hold both',
    ],
    ['none of its files', { 'readme.txt': '' }, 'must hold at least one of'],
  ])('refuses %s', async (_, files, message) => {
    await expect(importInto(aFolder(files))).rejects.toThrow(message);
  });

  it('refuses a folder that is not there', async () => {
    await expect(importInto(join(tempDir(), 'nowhere'))).rejects.toThrow('nowhere: must exist');
  });

  it('keeps what came before the place where a packed file breaks off', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `user-${(i * 7_919) % 30_011}`);
    const whole = gzipSync(`user_id\n${rows.join('\n')}\n`);
    const dir = tempDir();
    const kept = keepingSinks();
    writeFileSync(join(dir, 'users.csv.gz'), whole.subarray(0, whole.length - 2_000));
    await expect(importInto(dir, kept)).rejects.toThrow('users.csv.gz: must be a whole gzip file');
    expect(kept.users.kept.size).toBeGreaterThan(0);
    expect(kept.users.kept.size).toBeLessThan(rows.length);
  });

  it('hands a sink at most a thousand records, one batch after the other', async () => {
    const ids = Array.from({ length: 2_500 }, (_, i) => `u${i}`);
    const kept = keepingSinks();
    let inFlight = 0;
    const users = async (batch: Parameters<typeof kept.sinks.users>[0]) => {
      expect(++inFlight).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight--;
      return kept.sinks.users(batch);
    };
    const progress: number[] = [];
    const dir = aFolder({ 'users.csv.gz': `user_id\n${ids.join('\n')}\n` });
    await importFolder({
      dir,
      rejectsDir: tempDir(),
      sinks: { ...kept.sinks, users },
      clock,
      onProgress: ({ file, bytesRead, rows }) => {
        expect(bytesRead).toBeLessThanOrEqual(file.sizeBytes);
        progress.push(rows);
        if (rows === ids.length) expect(bytesRead).toBe(file.sizeBytes);
      },
    });
    expect(kept.users.batchSizes).toEqual([1_000, 1_000, 500]);
    expect([...kept.users.kept.keys()]).toEqual(ids);
    expect(progress).toEqual([0, 1_000, 2_000, 2_500, 2_500]);
  });

  it('writes what a sink refuses to the rejects file with its own line', async () => {
    const kept = keepingSinks();
    const sinks = {
      ...kept.sinks,
      users: async (batch: readonly { userId: string }[]) => ({
        accepted: batch.length - 1,
        duplicate: 0,
        rejected: [{ index: 1, violations: [{ field: 'user_id', rule: 'must be another' }] }],
      }),
    };
    const rejectsDir = tempDir();
    const dir = aFolder({ 'users.csv': 'user_id\nu1\n\nu2\nu3\n' });
    const report = await importFolder({ dir, rejectsDir, sinks, clock });
    expect(rejectsOf(rejectsDir, 'users')).toEqual([['users.csv', '4', 'user_id: must be another', 'u2']]);
    expect(report.files[0]).toMatchObject({ rows: 3, imported: 2, rejected: 1 });
  });

  it('leaves no rejects file of an earlier import behind when every row is good', async () => {
    const rejectsDir = tempDir();
    const { sinks } = keepingSinks();
    const bad = aFolder({ 'users.csv': 'user_id,timezone\nu1,nowhere\n' });
    await importFolder({ dir: bad, rejectsDir, sinks, clock });
    expect(existsSync(join(rejectsDir, 'users.rejects.csv'))).toBe(true);
    const good = aFolder({ 'users.csv': 'user_id,timezone\nu1,Europe/Paris\n' });
    const report = await importFolder({ dir: good, rejectsDir, sinks, clock });
    expect(readdirSync(rejectsDir)).toEqual([]);
    expect(report.files[0]?.rejectsPath).toBeUndefined();
  });

  it('leaves out behaviours from a moment on', async () => {
    const kept = keepingSinks();
    const untilMs = Date.UTC(2025, 4, 1, 10);
    const options = { dir: aFolder(GOOD_FILES), rejectsDir: tempDir(), sinks: kept.sinks, clock };
    const report = await importFolder({ ...options, untilMs });
    expect([...kept.behaviours.kept.keys()]).toEqual(['e2']);
    expect(report.files.at(-1)).toMatchObject({ rows: 3, imported: 1, leftOut: 2 });
  });
});

describe('reading a folder', () => {
  it('yields checked records of the files that are there, and tells of bad rows', async () => {
    const { 'shops.csv': _, ...files } = GOOD_FILES;
    const bad: unknown[] = [];
    const dir = aFolder({ ...files, 'users.csv': 'user_id\nu1\n\n""\nu3\n' });
    const folder = await readFolder({
      dir,
      nowMs: NOON_MS,
      onRejected: (file, row) => bad.push([file.fileName, row.line, row.violations]),
    });
    expect(await listOf(folder.shops())).toEqual([]);
    expect((await listOf(folder.users())).map((user) => user.userId)).toEqual(['u1', 'u3']);
    expect((await listOf(folder.behaviours())).map(({ eventId }) => eventId)).toEqual(['e1', 'e2', 'e3']);
    expect((await listOf(folder.behaviours())).length).toBe(3);
    expect(bad).toEqual([['users.csv', 4, [{ field: 'user_id', rule: 'must not be empty' }]]]);
  });
});
