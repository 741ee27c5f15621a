import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app.js';
import { window } from '../../src/core/time.js';
import { NOON_MS } from '../support/builders.js';
import { steppableClock } from '../support/clock.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';
import { tempDir } from '../support/tempDir.js';
import { aCap, aPolicy, DAY } from '../touch/builders.js';

const silent = { info: () => {}, warn: () => {} };
/** One message in ninety days: longer than the shipped policy looks back. */
const LONG = aPolicy({ caps: [aCap({ cap: 1, window: { kind: 'rolling', windowMs: window(90 * DAY) } })] });
const QUESTION = { userId: 'ann', channel: 'push' } as const;

async function setAndSend({ useCases: { touch } }: App): Promise<void> {
  await touch.setPolicy({ ...LONG, version: touch.policy().version });
  const { permit } = await touch.reserveTouch({ requestId: 'r-1', question: QUESTION });
  await touch.commitTouch({ permitId: permit?.permitId ?? '' });
}

const kindAt = async (app: App) => (await app.useCases.touch.canTouch(QUESTION)).kind;

describe('C6: a cap over more than a month, set at a running server', () => {
  it('holds when the embedded mode starts again', async () => {
    const clock = steppableClock(NOON_MS);
    const options = { dataDir: tempDir(), maxCandidates: 100, clock, log: silent };
    const first = await createApp(options);
    await setAndSend(first);
    await first.close();
    clock.stepMs(89 * DAY);
    const again = await createApp(options);
    expect(await kindAt(again)).toBe('delay');
    clock.stepMs(DAY);
    expect(await kindAt(again)).toBe('allow');
    await again.close();
  }, 60_000);
});

const missing = missingEngines();

describe.skipIf(missing !== undefined)(`C6: the same on real engines ${missing ?? ''}`, () => {
  let engines: TestEngines;
  beforeAll(async () => {
    engines = await startEngines();
  }, 120_000);
  afterAll(() => engines?.stop());

  it('holds when a server starts on a Redis that has lost everything', async () => {
    const clock = steppableClock(NOON_MS);
    const first = await engines.openApp({ clock });
    await setAndSend(first);
    await first.close();
    const redis = new Redis(engines.redis.url);
    await redis.flushall();
    redis.disconnect();
    clock.stepMs(89 * DAY);
    const again = await engines.openApp({ clock });
    expect(await kindAt(again)).toBe('delay');
  }, 60_000);
});
