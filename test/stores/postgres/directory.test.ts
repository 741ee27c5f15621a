import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FailedPreconditionError, UnavailableError } from '../../../src/core/errors.js';
import { openEmbeddedDatabase } from '../../../src/stores/postgres/embeddedDatabase.js';
import { openTruth } from '../../../src/stores/postgres/openTruth.js';
import type { Sql } from '../../../src/stores/postgres/sql.js';
import { truthConformance } from '../../conformance/truth.js';
import { aBehaviourToLog, aProduct, aShop, aUser, NOON_MS } from '../../support/builders.js';
import { emptyTruth } from '../../support/emptyTruth.js';
import { tempDir, tempDirOfFile } from '../../support/tempDir.js';

const shared = tempDirOfFile();
let sql: Sql;
beforeAll(async () => {
  sql = await openEmbeddedDatabase(shared);
});
afterAll(() => sql.close());

truthConformance('PGlite in a directory', () => emptyTruth(sql));

describe('the truth in a directory', () => {
  it('has everything that was acknowledged when it is opened again, and goes on from there', async () => {
    const dataDir = join(tempDir(), 'made', 'when', 'missing');
    const given = [aBehaviourToLog(), aBehaviourToLog()];
    const touch = { kind: 'released', userId: 'user-1', permitId: 'permit-1', atMs: NOON_MS } as const;

    const first = await openTruth({ dataDir });
    const outcomes = await first.behaviourLog.append(given);
    await first.catalogStore.upsertShops([aShop()]);
    await first.catalogStore.upsertProducts([aProduct()]);
    await first.userStore.upsertUsers([aUser({ region: 'north' })]);
    await first.touchLedger.append([touch]);
    await first.close();

    const again = await openTruth({ dataDir });
    const read = await again.behaviourLog.read({ afterSeq: 0, limit: 10 });
    expect(read.map(({ behaviour, context }) => ({ behaviour, context }))).toEqual(given);
    expect(await again.catalogStore.getShop('shop-1')).toEqual(aShop());
    expect(await again.catalogStore.getProduct('product-1')).toEqual({ product: aProduct(), revision: 1 });
    expect(await again.userStore.getUser('user-1')).toEqual(aUser({ region: 'north' }));
    expect(await again.touchLedger.read({ afterSeq: 0, limit: 10 })).toEqual([{ ...touch, seq: 1 }]);
    expect((await again.behaviourLog.append([given[0]!]))[0]).toEqual({
      status: 'duplicate',
      seq: outcomes[0]!.seq,
    });
    const [next] = await again.behaviourLog.append([aBehaviourToLog()]);
    expect(next!.seq).toBeGreaterThan(outcomes[1]!.seq);
    await again.close();
  });

  it('refuses a second opener clearly while the first has it, and lets it in afterwards', async () => {
    const dataDir = tempDir();
    const first = await openTruth({ dataDir });
    const second = openTruth({ dataDir });
    await expect(second).rejects.toThrow(FailedPreconditionError);
    await expect(second).rejects.toThrow(`data directory ${dataDir} is in use by process ${process.pid}`);
    await first.close();
    await (await openTruth({ dataDir })).close();
  });

  it('starts over when a kill interrupted the making of the database', async () => {
    const dataDir = tempDir();
    mkdirSync(join(dataDir, 'postgres.new'));
    writeFileSync(join(dataDir, 'postgres.new', 'PG_VERSION'), '18\n');
    const truth = await openTruth({ dataDir });
    expect(await truth.behaviourLog.count()).toBe(0);
    expect(existsSync(join(dataDir, 'postgres.new'))).toBe(false);
    await truth.close();
  });

  it('says that it is unavailable, and lets the directory go, when the database cannot be opened', async () => {
    const dataDir = tempDir();
    mkdirSync(join(dataDir, 'postgres'));
    writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), 'not a version\n');
    await expect(openTruth({ dataDir })).rejects.toThrow(UnavailableError);
    expect(existsSync(join(dataDir, 'tagrank.lock'))).toBe(false);
  });

  it('rejects with UnavailableError and its cause once the engine is gone', async () => {
    const truth = await openTruth({ dataDir: 'memory' });
    await truth.close();
    const refusal = truth.behaviourLog.append([aBehaviourToLog()]);
    await expect(refusal).rejects.toThrow(UnavailableError);
    await expect(refusal).rejects.toHaveProperty('cause', expect.any(Error));
    await expect(truth.behaviourLog.read({ afterSeq: 0, limit: 1 })).rejects.toThrow(UnavailableError);
    await expect(truth.userStore.upsertUsers([aUser()])).rejects.toThrow(UnavailableError);
    await expect(truth.catalogStore.getShop('shop-1')).rejects.toThrow(UnavailableError);
    await expect(truth.touchLedger.read({ afterSeq: 0, limit: 1 })).rejects.toThrow(UnavailableError);
  });
});
