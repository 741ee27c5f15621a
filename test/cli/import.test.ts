import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTruth } from '../../src/stores/postgres/openTruth.js';
import { tempDir } from '../support/tempDir.js';
import { tagrank } from './commandLine.js';
import { folderWith, twoTastes } from './folder.js';

describe('tagrank import', () => {
  it('imports a folder, and changes nothing when it is run again', async () => {
    const [dataDir, rejects] = [join(tempDir(), 'data'), join(tempDir(), 'rejects')];
    const dir = folderWith(twoTastes());
    const args = ['import', dir, '--data-dir', dataDir, '--rejects', rejects];

    const first = await tagrank(args);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/shops.csv: 2 rows in .*: 2 imported, 0 unchanged, 0 rejected/);
    expect(first.stdout).toMatch(/products.csv: 24 rows in .*: 24 imported, 0 unchanged, 0 rejected/);
    expect(first.stdout).toMatch(/users.csv: 2 rows in .*: 2 imported, 0 unchanged, 0 rejected/);
    expect(first.stdout).toMatch(/behaviours.csv: 600 rows in .*: 600 imported, 0 unchanged, 0 rejected/);

    const again = await tagrank(args);
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/products.csv: .*: 0 imported, 24 unchanged, 0 rejected/);
    expect(again.stdout).toMatch(/behaviours.csv: .*: 0 imported, 600 unchanged, 0 rejected/);
    expect(existsSync(rejects)).toBe(false);

    const truth = await openTruth({ dataDir });
    expect(await truth.behaviourLog.count()).toBe(600);
    const logged = await truth.behaviourLog.read({ afterSeq: 0, limit: 600 });
    const told = logged.find(({ behaviour }) => behaviour.eventId === 'p0-0');
    expect(told?.context).toMatchObject({
      shopId: 's-tea',
      productRevision: 1,
      traits: { age_band: '25-29' },
    });
    await truth.close();
  });

  it('counts a product as imported again when its content changed', async () => {
    const dataDir = join(tempDir(), 'data');
    const importing = (title: string) =>
      tagrank([
        ...['import', folderWith({ 'products.csv': ['product_id,title', `p1,${title}`, 'p2,Cup'] })],
        ...['--data-dir', dataDir, '--rejects', tempDir()],
      ]);
    await importing('Pot');
    expect((await importing('Iron pot')).stdout).toMatch(/2 rows in .*: 1 imported, 1 unchanged, 0 rejected/);
  });

  it('imports the good rows, puts the bad ones into a rejects file, and ends with 3', async () => {
    const rejects = join(tempDir(), 'rejects');
    const dir = folderWith({
      'behaviours.csv': [
        'event_id,type,user_id,product_id,occurred_at',
        'e1,purchase,u1,p1,2024-05-01T10:00:00Z',
        'e2,stare,u1,p1,2024-05-01T10:00:00Z',
        'e3,purchase,u1,p1,2999-01-01T00:00:00Z',
      ],
    });
    const { code, stdout } = await tagrank([
      ...['import', dir, '--data-dir', join(tempDir(), 'data'), '--rejects', rejects],
    ]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/3 rows in .*: 1 imported, 0 unchanged, 2 rejected/);
    const file = join(rejects, 'behaviours.rejects.csv');
    expect(stdout).toContain(file);
    const [, second, third] = readFileSync(file, 'utf8').split('\n');
    expect(second).toMatch(/^behaviours.csv,3,type: must be a known type/);
    expect(third).toMatch(/^behaviours.csv,4,occurred_at: must not be more than an hour in the future/);
  });

  it('refuses a folder that it cannot use, naming it, with 2', async () => {
    const missing = join(tempDir(), 'nowhere');
    const dataDir = join(tempDir(), 'data');
    const { code, stderr } = await tagrank(['import', missing, '--data-dir', dataDir]);
    expect(code).toBe(2);
    expect(stderr).toContain(`error: ${missing}: must exist\n`);
    const noColumn = await tagrank([
      ...['import', folderWith({ 'users.csv': ['name', 'Ann'] }), '--data-dir', dataDir],
    ]);
    expect(noColumn.code).toBe(2);
    expect(noColumn.stderr).toContain('error: users.csv: user_id: must be a column of the file\n');
  });

  it('refuses a data directory that somebody holds, in one line, with 1', async () => {
    const dataDir = join(tempDir(), 'data');
    const holder = await openTruth({ dataDir });
    const { code, stderr } = await tagrank(['import', folderWith(twoTastes()), '--data-dir', dataDir]);
    await holder.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: data directory .* is in use by process \d+ on .*; stop it, or use another\n$/,
    );
  });
});
