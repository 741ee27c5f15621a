import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { fittingModel } from '../inference/linearModel.js';
import { aRankRequest } from '../ranking/storefront.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';

const missing = missingEngines();

/** What a look at the truth may take on a busy machine, beside the second that is promised. */
const WITHIN_A_SECOND = { interval: 10, timeout: 1_000 };

describe.skipIf(missing !== undefined)(`models at two servers ${missing ?? ''}`, () => {
  let engines: TestEngines;
  let [a, b] = [] as unknown as [App, App];

  beforeAll(async () => {
    engines = await startEngines();
    [a, b] = [await engines.openApp(), await engines.openApp()];
    await a.useCases.upsertProducts([
      { productId: 'mug', shopId: 'kiln', title: 'mug', categoryPath: ['k'] },
    ]);
  }, 120_000);
  afterAll(() => engines?.stop());

  const add = (app: App, version: string) =>
    app.useCases.models.add({ ...fittingModel(version), addedBy: 'olga' });
  const rankedBy = async (app: App) => (await app.useCases.rank(aRankRequest())).modelVersion;

  it('rank at one before the answer and at the other within a second, and are taken back likewise', async () => {
    await add(a, 'm1');
    await b.useCases.models.activate({ version: 'm1', setBy: 'olga' });
    expect(await rankedBy(b)).toBe('m1');
    await expect.poll(() => rankedBy(a), WITHIN_A_SECOND).toBe('m1');
    await a.useCases.models.rollBack({ setBy: 'omar' });
    expect(await rankedBy(a)).toBe('');
    await expect.poll(() => rankedBy(b), WITHIN_A_SECOND).toBe('');
  });

  it('rank at a server that starts later, from its first answer on', async () => {
    await add(a, 'm2');
    await a.useCases.models.activate({ version: 'm2', setBy: 'olga' });
    const c = await engines.openApp();
    expect(await rankedBy(c)).toBe('m2');
    await c.close();
    await a.useCases.models.rollBack({ setBy: 'olga' });
  });

  it('fail no request while they change under load', async () => {
    await add(a, 'm3');
    await add(a, 'm4');
    let isOver = false;
    const seen = new Set<string>();
    const load = [a, b].map(async (app) => {
      while (!isOver) {
        const { degradationLevel, modelVersion } = await app.useCases.rank(aRankRequest());
        if (modelVersion !== '') expect(degradationLevel).toBe('full');
        seen.add(modelVersion);
      }
    });
    for (let i = 0; i < 20; i += 1) {
      await a.useCases.models.activate({ version: i % 2 === 0 ? 'm3' : 'm4', setBy: 'olga' });
    }
    await expect.poll(() => seen.has('m4'), WITHIN_A_SECOND).toBe(true);
    isOver = true;
    await Promise.all(load);
    expect(seen).toContain('m3');
  });
});
