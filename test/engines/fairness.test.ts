import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { TAKE_OVER_MS } from '../../src/fairness/fairnessLoop.js';
import { stock, TEST_POLICY, visit } from '../fairness/fairShop.js';
import { steppableClock } from '../support/clock.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';

const missing = missingEngines();
const SOON = { interval: 50, timeout: 20_000 };

describe.skipIf(missing !== undefined)(`fairness at two servers ${missing ?? ''}`, () => {
  let engines: TestEngines;
  let [a, b] = [] as unknown as [App, App];
  const clock = steppableClock();

  const open = () => engines.openApp({ clock, fairness: TEST_POLICY });
  const stateOf = (app: App) => app.fairness?.inForce.state ?? expect.unreachable('there is no fairness');

  /** Both look until they have the same state: who steers steps at every look, so the other looks last. */
  const agree = (one: App, other: App) => {
    let [last, first] = [one, other];
    return expect
      .poll(async () => {
        [first, last] = [last, first];
        await first.fairness?.step();
        await last.fairness?.step();
        return stateOf(last).version - stateOf(first).version;
      }, SOON)
      .toBe(0);
  };

  beforeAll(async () => {
    engines = await startEngines();
    [a, b] = [await open(), await open()];
    await stock(a, clock);
  }, 120_000);
  afterAll(() => engines?.stop());

  it('R7: is steered by one, which counts what both have served, and is the same at both', async () => {
    await expect.poll(async () => (await b.progress()).itemsSeq, SOON).toBe((await a.progress()).lastSeq);
    for (let round = 0; round < 5; round++) {
      await visit(a, clock, { users: 30, prefix: `a ${round}` });
      await visit(b, clock, { users: 30, prefix: `b ${round}` });
      await agree(a, b);
      expect(stateOf(b)).toEqual(stateOf(a));
    }
    const { steering, headShopIds } = stateOf(b);
    expect(headShopIds).toContain('shop-0');
    expect(steering.pages).toBeGreaterThan(250);
    expect(steering.tailShareRatio).toBeGreaterThan(1.5 * steering.naturalShareRatio);
    const { boosted, heldOut } = await b.useCases.getFairness({ windowMs: 0 });
    expect(boosted.pages + heldOut.pages).toBe(300);
    expect(boosted.tailShareOfImpressions).toBeGreaterThan(1.3 * heldOut.tailShareOfImpressions);
  }, 60_000);

  it('R7: is stepped by none but the one that steers, while it is there', async () => {
    await agree(a, b);
    const { steeredBy } = stateOf(a);
    for (let look = 0; look < 20; look++) {
      await Promise.all([a.fairness?.step(), b.fairness?.step()]);
      expect([stateOf(a).steeredBy, stateOf(b).steeredBy]).toEqual([steeredBy, steeredBy]);
    }
  });

  it('R7: goes on where the one that steered is gone, by the same exposure', async () => {
    await agree(a, b);
    const before = stateOf(a);
    await a.close();
    clock.stepMs(TAKE_OVER_MS);
    await b.fairness?.step();
    const after = stateOf(b);
    expect(after.version).toBeGreaterThan(before.version);
    expect(after.steering.tailShareRatio).toBeCloseTo(before.steering.tailShareRatio, 9);
    expect(after.steering.pages).toBeCloseTo(before.steering.pages, 0);
    const c = await open();
    expect(stateOf(c).version).toBeGreaterThanOrEqual(after.version);
  });

  it('R7: is the same again when two took over at once', async () => {
    const c = await open();
    for (let round = 0; round < 5; round++) {
      clock.stepMs(TAKE_OVER_MS);
      await Promise.all([b.fairness?.step(), c.fairness?.step()]);
      await agree(b, c);
      expect(stateOf(c)).toEqual(stateOf(b));
    }
  });
});
