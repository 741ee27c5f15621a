import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { App, AppOptions } from '../../src/app.js';
import { window } from '../../src/core/time.js';
import type { BudgetFigures } from '../../src/touch/learnedRules.js';
import type { TouchPolicy } from '../../src/touch/touchPolicy.js';
import { NOON_MS } from '../support/builders.js';
import { aCap, aPolicy, DAY, HOUR, MINUTE } from '../touch/builders.js';

/** A clock that all servers of a test share. */
export class SharedClock {
  now = NOON_MS;
  nowMs = (): number => this.now;
}

const HARD_CAP = 2;
const LEARNING: TouchPolicy = aPolicy({
  version: 1,
  caps: [aCap({ id: 'hard', cap: HARD_CAP, window: { kind: 'rolling', windowMs: window(DAY) } })],
  campaignTypes: [
    { campaignType: 'transactional', bypassesCaps: true, countsTowardCaps: false, bypassesQuietHours: true },
  ],
  learning: { budget: { defaultPerDay: 1.6, shadow: false } },
});

/** What a server of `learningConformance` is opened with. */
export function learningOptions(clock: SharedClock): Pick<AppOptions, 'touchPolicy' | 'clock'> {
  return { touchPolicy: LEARNING, clock };
}

/**
 * What callers see of learning, of one server or of two on the same engines. `openApps` opens them with
 * `learningOptions`; whoever opens them closes them.
 */
export function learningConformance(
  name: string,
  openApps: (clock: SharedClock) => Promise<readonly App[]>,
): void {
  describe(`learning, ${name}`, () => {
    const clock = new SharedClock();
    let a: App;
    let b: App;
    let requests = 0;

    beforeAll(async () => {
      const apps = await openApps(clock);
      a = apps[0] as App;
      b = apps.at(-1) as App;
    }, 120_000);

    const ask = (app: App, userId: string, facts: object = {}) =>
      app.useCases.touch.canTouch({ userId, channel: 'email', ...facts });
    const budgetAt = async (app: App, userId: string, facts: object = {}) =>
      (await ask(app, userId, facts)).learned?.budget as BudgetFigures;

    /** Sends a message if it may, and answers with its permit. */
    async function send(userId: string, facts: object = {}): Promise<string | undefined> {
      requests += 1;
      const question = { userId, channel: 'email', ...facts };
      const { permit } = await a.useCases.touch.reserveTouch({ requestId: `r-${requests}`, question });
      if (permit === undefined) return undefined;
      clock.now += MINUTE;
      await a.useCases.touch.commitTouch({ permitId: permit.permitId });
      return permit.permitId;
    }

    /** Until it is so, at most for `withinMs`; how long it took. */
    async function until(isSo: () => Promise<boolean>, withinMs = 5_000): Promise<number> {
      const startMs = performance.now();
      while (!(await isSo())) {
        if (performance.now() - startMs > withinMs) throw new Error(`not within ${withinMs} ms`);
        await sleep(10);
      }
      return performance.now() - startMs;
    }

    const sendsAt = async (app: App, userId: string) => Math.round((await budgetAt(app, userId))?.sends ?? 0);

    it('C1: who ignores us gets less, who answers gets more, and nobody more than the hard cap', async () => {
      const sent = { keen: [] as number[], deaf: [] as number[] };
      const beginMs = clock.now;
      for (let day = 0; day < 16; day += 1) {
        for (const hour of [0, 6, 12]) {
          clock.now = beginMs + day * DAY + hour * HOUR;
          for (const userId of ['keen', 'deaf'] as const) {
            const permitId = await send(userId);
            if (permitId === undefined) continue;
            sent[userId].push(clock.now);
            const outcome = userId === 'keen' ? 'opened' : 'delivered';
            await a.useCases.touch.recordOutcome({ userId, outcome, permitId });
          }
        }
        // As nights go by; the next day's decisions rest on this one's.
        await until(async () => (await sendsAt(b, 'keen')) > 0 && (await sendsAt(b, 'deaf')) > 0);
        // What was sent today may come after what was sent before; it has a second.
        await sleep(600);
      }
      const later = (times: number[]) => times.filter((atMs) => atMs > beginMs + 8 * DAY).length;
      expect(later(sent.keen)).toBeGreaterThan(1.4 * later(sent.deaf));
      for (const times of Object.values(sent)) {
        times.forEach((atMs, i) => {
          expect(times.slice(i).filter((other) => other < atMs + DAY).length).toBeLessThanOrEqual(HARD_CAP);
        });
      }
      const [keen, deaf] = [await budgetAt(b, 'keen'), await budgetAt(b, 'deaf')];
      expect(keen).toMatchObject({ isCold: false, nextSend: 'raises' });
      expect(keen.budgetPerDay).toBeGreaterThan(1.6);
      expect(deaf.budgetPerDay).toBeLessThan(1.6);
      expect(await budgetAt(b, 'stranger')).toMatchObject({ budgetPerDay: 1.6, isCold: true });
    }, 60_000);

    it('C1: what its channel reports as failed was no send, at another server within a second', async () => {
      for (const outcome of ['undelivered', 'rejected']) {
        const permitId = await send(outcome);
        await until(async () => (await sendsAt(b, outcome)) === 1);
        await a.useCases.touch.recordOutcome({ userId: outcome, outcome, permitId: permitId ?? '' });
        expect(await until(async () => (await sendsAt(b, outcome)) === 0)).toBeLessThan(1_000);
        expect(await budgetAt(b, outcome)).toMatchObject({ isCold: true });
      }
    });

    it('C1: an outcome changes the answer of another server within a second', async () => {
      const permitId = await send('quick');
      await until(async () => (await sendsAt(b, 'quick')) === 1);
      const before = await budgetAt(b, 'quick');
      await a.useCases.touch.recordOutcome({
        userId: 'quick',
        outcome: 'dismissed',
        permitId: permitId ?? '',
      });
      const tookMs = await until(
        async () => (await budgetAt(b, 'quick')).budgetPerDay < 0.9 * before.budgetPerDay,
      );
      expect(tookMs).toBeLessThan(1_000);
    });

    it('C1: an outcome that comes late teaches what it would have taught in time', async () => {
      const permits: [prompt: string, tardy: string][] = [];
      for (let n = 0; n < 4; n += 1) {
        clock.now += 3 * DAY;
        const atMs = clock.now;
        const prompt = (await send('prompt')) ?? '';
        clock.now = atMs;
        permits.push([prompt, (await send('tardy')) ?? '']);
        clock.now = atMs + HOUR;
        await a.useCases.touch.recordOutcome({ userId: 'prompt', outcome: 'opened', permitId: prompt });
      }
      const lastMs = clock.now;
      clock.now += 5 * DAY;
      for (const [n, [, tardy]] of permits.entries()) {
        const atMs = lastMs - (permits.length - 1 - n) * 3 * DAY;
        await a.useCases.touch.recordOutcome({ userId: 'tardy', outcome: 'clicked', permitId: tardy, atMs });
      }
      // Each outcome is learned by itself: the last one, too.
      await until(async () => {
        const [tardy, prompt] = [await budgetAt(b, 'tardy'), await budgetAt(b, 'prompt')];
        return tardy.opens >= 3 && tardy.opens === prompt.opens;
      });
      expect(await budgetAt(b, 'tardy')).toEqual(await budgetAt(b, 'prompt'));
    });

    it('C3: a loved shop is measured against more than one where nothing was done', async () => {
      const shops = ['kiln', 'loom', 'forge'];
      await a.useCases.upsertShops(
        shops.map((shopId) => ({ shopId, name: shopId, attributes: {} }) as never),
      );
      await a.useCases.upsertProducts(
        shops.map(
          (shopId) =>
            ({
              productId: `${shopId}-1`,
              shopId,
              title: `${shopId} ware`,
              categoryPath: ['home'],
              attributes: {},
              priceMinor: 1_000,
              currency: 'EUR',
              inStock: true,
            }) as never,
        ),
      );
      const done = [
        ['purchase', 'kiln-1'],
        ['purchase', 'kiln-1'],
        ['browse', 'loom-1'],
      ] as const;
      await a.useCases.track(
        done.map(([type, productId], n) => ({
          eventId: `${name}-${n}`,
          type,
          userId: 'fan',
          productId,
          occurredAtMs: clock.now - (4 - n) * DAY,
        })),
      );
      await until(async () => (await budgetAt(b, 'fan', { shopId: 'kiln' })).shop !== undefined);
      const [kiln, loom, forge] = await Promise.all(shops.map((shopId) => budgetAt(b, 'fan', { shopId })));
      expect(kiln?.shopBudgetPerDay).toBeGreaterThan(1.25 * (kiln?.budgetPerDay ?? 0));
      expect(loom?.shopBudgetPerDay).toBeLessThan(kiln?.budgetPerDay ?? 0);
      expect(forge?.shop?.affinity).toBe(0);
      expect(forge?.shopBudgetPerDay).toBeCloseTo(0.5 * (forge?.budgetPerDay ?? 0), 5);
      expect((await budgetAt(b, 'fan')).shop).toBeUndefined();
    });

    it('C1: single calls and batches say the same, and an order notice is never bound', async () => {
      await send('same');
      await until(async () => (await sendsAt(b, 'same')) === 1);
      const question = { userId: 'same', channel: 'email' };
      const { canTouchBatch, reserveTouch, reserveTouchBatch } = b.useCases.touch;
      const single = await ask(b, 'same');
      expect(single).toMatchObject({ kind: 'delay', reason: 'budget_spent', ruleId: 'tolerance' });
      const answers = [
        (await canTouchBatch([question]))[0],
        (await reserveTouch({ requestId: 'same-1', question })).decision,
        ((await reserveTouchBatch([{ requestId: 'same-2', question }]))[0] as never as { decision: object })
          .decision,
      ];
      for (const answer of answers) {
        const { kind, reason, ruleId, notBeforeMs, learned } = answer as typeof single & {
          notBeforeMs: number;
        };
        expect({ kind, reason, ruleId, notBeforeMs, learned }).toEqual({
          kind: 'delay',
          reason: 'budget_spent',
          ruleId: 'tolerance',
          notBeforeMs: (single as { notBeforeMs?: number }).notBeforeMs,
          learned: single.learned,
        });
      }
      expect((await ask(b, 'same', { campaignType: 'transactional' })).kind).toBe('allow');
      const exact = clock.now;
      clock.now = (single as { notBeforeMs?: number }).notBeforeMs ?? 0;
      expect((await ask(b, 'same')).kind).toBe('allow');
      clock.now -= 1;
      expect((await ask(b, 'same')).kind).toBe('delay');
      clock.now = exact;
    });

    it('C6: campaigns that ask at once at all servers never exceed a budget together', async () => {
      const userId = 'popular';
      const asked = await Promise.all(
        Array.from({ length: 24 }, (_, n) =>
          (n % 2 === 0 ? a : b).useCases.touch.reserveTouch({
            requestId: `popular-${n}`,
            question: { userId, channel: 'email' },
          }),
        ),
      );
      expect(asked.filter(({ permit }) => permit !== undefined)).toHaveLength(1);
      for (const { decision, permit } of asked) {
        if (permit === undefined) expect(decision).toMatchObject({ kind: 'delay', reason: 'budget_spent' });
      }
    });

    it('T7: what was learned of two ids is one when they are linked, and apart when they are parted', async () => {
      for (const userId of ['left', 'right']) {
        for (let n = 0; n < 2; n += 1) {
          clock.now += 2 * DAY;
          await send(userId);
        }
      }
      await until(async () => (await sendsAt(b, 'left')) === 2 && (await sendsAt(b, 'right')) === 2);
      await a.useCases.linkIdentity({ userId: 'left', identity: { value: 'right' } } as never);
      await until(async () => (await sendsAt(b, 'left')) === 4 && (await sendsAt(b, 'right')) === 4);
      expect(await budgetAt(b, 'left')).toEqual(await budgetAt(b, 'right'));
      await b.useCases.unlinkIdentity('right');
      await until(async () => (await sendsAt(a, 'left')) === 2 && (await sendsAt(a, 'right')) === 2);
    }, 30_000);

    it('C2: who moves to another zone has their hours by the new clock', async () => {
      const { policy, setPolicy } = a.useCases.touch;
      await setPolicy({
        ...policy(),
        learning: { ...policy().learning, goodHour: { exploredRatio: 0, shadow: true } },
      });
      clock.now = Math.ceil(clock.now / DAY) * DAY + 20 * HOUR;
      await send('mover');
      const hourOf = async () => {
        const { learned } = await ask(b, 'mover');
        return learned?.hours?.profile.sends.findIndex((count) => count > 0) ?? -1;
      };
      await until(async () => (await hourOf()) === 20);
      await a.useCases.upsertUsers([{ userId: 'mover', timezone: 'Asia/Tokyo', attributes: {} }]);
      await until(async () => (await hourOf()) === 5);
    });

    it('C1: in the shadow nobody is bound, and learning switched off is not lost when it comes back', async () => {
      const { policy, setPolicy } = a.useCases.touch;
      const on = policy().learning;
      const budget = { defaultPerDay: 1.6, shadow: true };
      await send('shady');
      await until(async () => (await sendsAt(b, 'shady')) === 1);
      await setPolicy({ ...policy(), learning: { budget } });
      await until(async () => (await ask(b, 'shady')).kind === 'allow');
      expect((await ask(b, 'shady')).rules.find(({ ruleId }) => ruleId === 'tolerance')).toMatchObject({
        enforcement: 'shadow',
        passes: false,
      });
      const { learning: _, ...off } = policy();
      await setPolicy(off);
      await until(async () => (await ask(b, 'shady')).learned === undefined);
      clock.now += DAY;
      await send('shady');
      await setPolicy({ ...policy(), ...(on && { learning: on }) });
      await until(async () => (await sendsAt(b, 'shady')) === 2);
    });
  });
}
