import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';
import { aPolicy, aQuietRule } from '../touch/builders.js';

const missing = missingEngines();
/** Day in UTC, half past midnight in Auckland. */
const NOON_MS = Date.UTC(2027, 5, 1, 12, 30);
const DAY_ZONE = 'UTC';
const NIGHT_ZONE = 'Pacific/Auckland';

describe.skipIf(missing !== undefined)(`a time zone that was told, at two servers ${missing ?? ''}`, () => {
  let engines: TestEngines;
  let [a, b] = [] as unknown as [App, App];

  beforeAll(async () => {
    engines = await startEngines();
    const options = { touchPolicy: aPolicy({ quietHours: [aQuietRule()] }), clock: { nowMs: () => NOON_MS } };
    a = await engines.openApp(options);
    b = await engines.openApp(options);
  }, 120_000);
  afterAll(() => engines?.stop());

  const tell = (app: App, userIds: readonly string[], timezone: string) =>
    app.useCases.upsertUsers(userIds.map((userId) => ({ userId, timezone })));

  it('C2: decides at every server as soon as it is acknowledged', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [told, other] = round % 2 === 0 ? [a, b] : [b, a];
      const userIds = ['ann', 'bo', 'cy', 'dee'];
      const isNight = round % 4 < 2;
      await tell(told, userIds, isNight ? NIGHT_ZONE : DAY_ZONE);
      const kinds = await Promise.all(
        userIds.map(async (userId, i) => {
          const { touch } = (i % 2 === 0 ? other : told).useCases;
          return (await touch.canTouch({ userId, channel: 'push' })).kind;
        }),
      );
      expect(kinds).toEqual(userIds.map(() => (isNight ? 'delay' : 'allow')));
    }
  });

  it('T7 C2: is one for all ids of a person, so that they have one day and one night', async () => {
    await tell(a, ['la'], DAY_ZONE);
    await tell(a, ['lb'], NIGHT_ZONE);
    const kindsAt = (app: App) =>
      Promise.all(
        ['la', 'lb', 'lc'].map(
          async (userId) => (await app.useCases.touch.canTouch({ userId, channel: 'push' })).kind,
        ),
      );
    await a.useCases.linkIdentity({ userId: 'la', identity: { value: 'lb' } });
    await a.useCases.linkIdentity({ userId: 'la', identity: { value: 'lc' } });
    for (const app of [a, b]) expect(await kindsAt(app)).toEqual(['allow', 'allow', 'allow']);
    await tell(b, ['la'], NIGHT_ZONE);
    for (const app of [a, b]) expect(await kindsAt(app)).toEqual(['delay', 'delay', 'delay']);
  });

  it('does not keep whoever tells the same again waiting', async () => {
    await tell(a, ['ann'], DAY_ZONE);
    const startMs = performance.now();
    for (let times = 0; times < 20; times += 1) await tell(b, ['ann'], DAY_ZONE);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});
