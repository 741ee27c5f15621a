import { afterAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app.js';
import { type BehaviourWeights, STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { parseBehaviourWeights } from '../../src/behaviour/weightsFile.js';
import { InvalidInputError } from '../../src/core/errors.js';
import { missingEngines, startEngines } from '../support/engines.js';
import { tempDir } from '../support/tempDir.js';

const OTHERS = parseBehaviourWeights(
  'add_to_cart: { weight: 7 }\nbrowse: { weight: 3.9, half_life: 2d }\ninquiry: { weight: 3.95 }',
);
const NOW_MS = Date.UTC(2025, 5, 1, 12);
const clock = { nowMs: () => NOW_MS };
const SHIPPED_MODEL = new URL('../../models/default/manifest.json', import.meta.url).pathname;
const silent = { info: () => {}, warn: () => {} };

/** A teacup in the cart, and six days before a kettle looked at. */
async function fill({ useCases }: App): Promise<void> {
  await useCases.upsertProducts([
    { productId: 'cup', shopId: 'kiln', title: 'Teacup', categoryPath: ['kitchen', 'cups'] },
    { productId: 'kettle', shopId: 'forge', title: 'Kettle', categoryPath: ['kitchen', 'kettles'] },
  ]);
  const acts = [
    { eventId: 'e1', type: 'browse', productId: 'kettle', occurredAtMs: NOW_MS - 6 * 86_400_000 },
    { eventId: 'e2', type: 'add_to_cart', productId: 'cup', occurredAtMs: NOW_MS },
  ];
  await useCases.track(acts.map((act) => ({ ...act, userId: 'ann' })));
}

/** What is read of Ann, and of what she did to products. */
async function readingOf({ useCases, people, state }: App) {
  const read = { limit: 50, categoryPrefix: '' } as const;
  const tags = await useCases.getTags({ ...read, subject: { kind: 'user', userId: 'ann' } });
  const ofShop = await useCases.getTags({ ...read, subject: { kind: 'shop', shopId: 'kiln' } });
  const { state: person } = await people.readPerson('ann');
  const products = ['cup', 'kettle'].map((id) => state.productState(state.catalog.products.of(id)));
  return { tags, ofShop, shops: person?.shops, longTerm: person?.longTerm, products };
}

describe('the weights in force', () => {
  const opened: App[] = [];
  const open = async (dataDir: string, weights?: BehaviourWeights) => {
    const app = await createApp({ dataDir, weights, maxCandidates: 100, clock, log: silent });
    opened.push(app);
    return app;
  };
  afterAll(() => Promise.all(opened.map((app) => app.close())));

  it('count for the whole past after a restart, as if they had always been in force', async () => {
    const dataDir = tempDir();
    const before = await open(dataDir);
    await fill(before);
    const underStarting = await readingOf(before);
    await before.close();
    opened.splice(opened.indexOf(before), 1);
    const after = await open(dataDir, OTHERS);
    const always = await open('memory', OTHERS);
    await fill(always);
    expect(await readingOf(after)).toEqual(await readingOf(always));
    expect(await readingOf(after)).not.toEqual(underStarting);
  }, 90_000);

  it.each([
    { weights: OTHERS, words: ['the model was fitted under other weights of behaviours'] },
    { weights: STARTING_WEIGHTS, words: [] },
  ])('are told from those of the model at a start: $words', async ({ weights, words }) => {
    const warnings: string[] = [];
    const app = await createApp({
      dataDir: 'memory',
      modelManifest: SHIPPED_MODEL,
      weights,
      maxCandidates: 100,
      log: { info: () => {}, warn: (_fields, message) => warnings.push(message) },
    });
    opened.push(app);
    expect(warnings).toEqual(words.map((each) => expect.stringContaining(each)));
    // It ranks all the same.
    expect(app.modelVersion()).toBeDefined();
  });

  it('T4: are refused by an app when they break the order', async () => {
    const weights = { ...STARTING_WEIGHTS, browse: STARTING_WEIGHTS.purchase };
    await expect(open('memory', weights)).rejects.toThrow(InvalidInputError);
  });

  const missing = missingEngines();
  it.skipIf(missing !== undefined)(
    `count for the whole past on real engines, without a rebuild ${missing ?? ''}`,
    async () => {
      const engines = await startEngines();
      try {
        const before = await engines.openApp({ clock });
        await fill(before);
        const settled = async (app: App) => {
          await expect
            .poll(async () => (await app.people.readPerson('ann')).state?.products.size, { timeout: 20_000 })
            .toBe(2);
          await expect.poll(() => app.state.appliedSeq(), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
          return readingOf(app);
        };
        const underStarting = await settled(before);
        const after = await engines.openApp({ clock, weights: OTHERS });
        const always = await open('memory', OTHERS);
        await fill(always);
        const [found, wanted] = [await settled(after), await readingOf(always)];
        expect({ ...found, tags: undefined, ofShop: undefined }).toEqual({
          ...wanted,
          tags: undefined,
          ofShop: undefined,
        });
        expect(found.longTerm).not.toEqual(underStarting.longTerm);
      } finally {
        await engines.stop();
      }
    },
    120_000,
  );
});
