import { describe, expect, it, onTestFinished } from 'vitest';
import { ModelsAtWork } from '../../src/app/modelsAtWork.js';
import type { App } from '../../src/app.js';
import type { LoggedBehaviour } from '../../src/behaviour/behaviour.js';
import { STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { FailedPreconditionError, InvalidInputError, NotFoundError } from '../../src/core/errors.js';
import { aRankRequest, type Storefront, shelf, storefronts } from '../ranking/storefront.js';
import { fittingModel } from './linearModel.js';

const aStorefront = storefronts();

async function aTeaShop(): Promise<Storefront> {
  const shop = await aStorefront();
  await shop.sells(...shelf('tea', 4), ...shelf('tool', 4));
  await shop.did('ann', 'favourite', 'tea-0');
  return shop;
}

const LIST = { userId: 'u', servedAtMs: 0, scene: 'home', level: 'full', items: [] } as const;

const add = (app: App, version: string, facts: Parameters<typeof fittingModel>[1] = {}) =>
  app.useCases.models.add({ ...fittingModel(version, facts), addedBy: 'olga' });
const activate = (app: App, version: string) => app.useCases.models.activate({ version, setBy: 'olga' });
const rankedBy = async (app: App) => (await app.useCases.rank(aRankRequest({ userId: 'ann' }))).modelVersion;

describe('the gate of models', () => {
  it('has a model rank from the moment it is active, and takes it back', async () => {
    const { app } = await aTeaShop();
    expect(await add(app, 'm1')).toEqual({ version: 'm1', added: true });
    expect(await add(app, 'm1')).toEqual({ version: 'm1', added: false });
    await add(app, 'm2', { weight: -1 });
    expect(await rankedBy(app)).toBe('');
    expect(await activate(app, 'm1')).toBe(true);
    expect([await rankedBy(app), app.modelVersion()]).toEqual(['m1', 'm1']);
    const [best] = (await app.useCases.rank(aRankRequest({ userId: 'ann' }))).items;
    expect(await activate(app, 'm2')).toBe(true);
    expect(await activate(app, 'm2')).toBe(false);
    const turned = await app.useCases.rank(aRankRequest({ userId: 'ann' }));
    expect(turned.modelVersion).toBe('m2');
    expect(turned.items[0]?.productId).not.toBe(best?.productId);
    expect(await app.useCases.models.rollBack({ setBy: 'olga', note: 'turned' })).toBe('m1');
    expect(await rankedBy(app)).toBe('m1');
    expect(await app.useCases.models.rollBack({ setBy: 'olga' })).toBeUndefined();
    expect(await rankedBy(app)).toBe('');
    await expect(app.useCases.models.rollBack({ setBy: 'olga' })).rejects.toThrow(FailedPreconditionError);
    const { models, changes } = await app.useCases.models.list();
    expect(models.map(({ version }) => version)).toEqual(['m1', 'm2']);
    expect(changes.map(({ version, isRollback, note }) => [version, isRollback, note])).toEqual([
      [undefined, true, undefined],
      ['m1', true, 'turned'],
      ['m2', false, undefined],
      ['m1', false, undefined],
    ]);
  });

  it('keeps none that does not prove itself, and says why', async () => {
    const { app } = await aTeaShop();
    const lies: [Parameters<typeof fittingModel>[1], string][] = [
      [{ featureSchemaHash: 'other' }, 'trained on other features'],
      [{ sha256: '0'.repeat(64) }, 'checksum'],
      [{ golden: { inputs: [[1, 1]], outputs: [1] } }, 'a number for each of featureNames'],
    ];
    for (const [lie, why] of lies) await expect(add(app, 'm1', lie)).rejects.toThrow(why);
    const { manifest, model } = fittingModel('m1');
    const wrong = { ...JSON.parse(manifest), golden: { ...JSON.parse(manifest).golden, outputs: [7] } };
    const told = app.useCases.models.add({ manifest: JSON.stringify(wrong), model, addedBy: 'olga' });
    await expect(told).rejects.toThrow('gives 1 for golden input 0');
    const nothing = app.useCases.models.add({ manifest: '{', model: new Uint8Array(), addedBy: '' });
    await expect(nothing).rejects.toThrow(InvalidInputError);
    await expect(nothing).rejects.toThrow(/added_by: .*manifest_json: must be the manifest.*model: must be/s);
    await expect(activate(app, 'm1')).rejects.toThrow(NotFoundError);
    await expect(activate(app, '')).rejects.toThrow('version: must be given');
    await expect(app.useCases.models.shadow({ version: 'm9', setBy: 'o' })).rejects.toThrow(NotFoundError);
    await expect(app.useCases.models.activate({ version: 'm1', setBy: '' })).rejects.toThrow('set_by');
    const other = fittingModel('m1', { weight: 2 });
    await add(app, 'm1');
    await expect(app.useCases.models.add({ ...other, addedBy: 'olga' })).rejects.toThrow(/another model/);
    expect((await app.useCases.models.list()).models).toHaveLength(1);
    expect(await rankedBy(app)).toBe('');
  });

  it('has a shadow score live lists beside the model that ranks, and says how far it agrees', async () => {
    const { app } = await aTeaShop();
    await add(app, 'm1');
    await add(app, 'm2');
    await activate(app, 'm1');
    expect(await app.useCases.models.shadow({ version: 'm2', setBy: 'olga' })).toBe(true);
    for (let i = 0; i < 400; i += 1) await rankedBy(app);
    await new Promise((resolve) => setImmediate(resolve));
    const { shadow, shadowVersion, activeVersion } = await app.useCases.models.list();
    expect([activeVersion, shadowVersion]).toEqual(['m1', 'm2']);
    expect(shadow).toMatchObject({ version: 'm2', against: 'm1', failures: 0, topOverlapRatio: 1 });
    // One in twenty of 400; 0 and more than 60 are next to impossible.
    expect(shadow?.lists).toBeGreaterThan(0);
    expect(shadow?.lists).toBeLessThan(60);
    expect(shadow?.scoreDifference).toBeCloseTo(0, 6);
    expect(await app.useCases.models.shadow({ version: '', setBy: 'olga' })).toBe(true);
    const after = await app.useCases.models.list();
    expect(after).toMatchObject({ shadowVersion: undefined, shadow: undefined });
  });

  it('takes back a model that people choose less from, or that fails, and says so under its own name', async () => {
    const { app, clock } = await aTeaShop();
    for (const version of ['m1', 'm2', 'm3']) await add(app, version);
    const warnings: unknown[] = [];
    const atWork = new ModelsAtWork({
      store: app.truth.modelStore,
      configured: undefined,
      weights: STARTING_WEIGHTS,
      clock,
      log: { info: () => {}, warn: (facts) => warnings.push(facts) },
    });
    onTestFinished(() => atWork.close());
    const serve = async (version: string, each: number) => {
      await activate(app, version);
      await atWork.inForce.catchUp();
      for (let i = 0; i < 1_000; i += 1) {
        const rankId = `${version}-${i}`;
        atWork.onServed({ ...LIST, rankId, modelVersion: version });
        if (i % each === 0) atWork.onLogged([{ behaviour: { rankId } } as LoggedBehaviour]);
      }
    };
    await serve('m1', 4);
    await serve('m2', 20);
    await atWork.judge();
    expect(atWork.inForce.active?.version).toBe('m2');
    clock.stepMs(10 * 60_000);
    await atWork.judge();
    expect(atWork.inForce.active?.version).toBe('m1');
    const [last] = await app.truth.modelStore.changes(1);
    expect(last).toMatchObject({ version: 'm1', isRollback: true, setBy: 'tagrank' });
    expect(last?.note).toContain('people chose something from 5.0 % of 1000 lists');
    expect(warnings).toHaveLength(1);

    await activate(app, 'm3');
    await atWork.inForce.catchUp();
    const failed = { version: 'm3', matrix: new Float32Array(0), ms: 1 };
    for (let i = 0; i < 30; i += 1) atWork.onScored(failed);
    await expect.poll(() => atWork.inForce.active?.version).toBe('m1');
    expect((await app.truth.modelStore.changes(1))[0]?.note).toBe('20 of its last 20 scorings failed');
  });
});
