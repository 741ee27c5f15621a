import { afterAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/app.js';
import { FailedPreconditionError } from '../../src/core/errors.js';
import { MAX_IDS_A_PERSON } from '../../src/identity/identityStore.js';
import { NOON_MS } from '../support/builders.js';
import { tempDir } from '../support/tempDir.js';
import { CAPPED, identityOverGrpc } from './overGrpc.js';

const log = { info: () => {}, warn: () => {} };
const opened: App[] = [];
const open = async (dataDir: string) => {
  const app = await createApp({ dataDir, maxCandidates: 2_000, log, ...CAPPED });
  opened.push(app);
  return app;
};
let inMemory: Promise<App> | undefined;
const openInMemory = () => {
  inMemory ??= open('memory');
  return inMemory;
};
afterAll(() => Promise.all(opened.map((app) => app.close())));

identityOverGrpc('embedded', async () => [await openInMemory()]);

describe('linked ids in embedded mode', () => {
  it('T7 C6 C8: are the same person after a restart, with the same state, caps and words', async () => {
    const dataDir = tempDir();
    const before = await open(dataDir);
    const event = (userId: string, productId: string, n: number) => ({
      eventId: `e-${n}`,
      type: 'purchase',
      userId,
      productId,
      occurredAtMs: NOON_MS + n,
    });
    await before.useCases.track(['a', 'b', 'c', 'b'].map((userId, n) => event(userId, `p-${n}`, n)));
    const { reserveTouch, commitTouch, recordOutcome } = before.useCases.touch;
    for (const [n, userId] of ['a', 'b', 'b', 'd'].entries()) {
      const question = { userId, channel: 'push' };
      const { permit } = await reserveTouch({ requestId: `r-${n}`, question });
      if (n < 2) await commitTouch({ permitId: permit?.permitId ?? '' });
    }
    const link = (userId: string, value: string) =>
      before.useCases.linkIdentity({ userId, identity: { value } });
    await link('a', 'b');
    await link('c', 'b');
    await link('c', 'd');
    await before.useCases.unlinkIdentity('d');
    await before.useCases.track([event('a', 'p-9', 9)]);
    await recordOutcome({ userId: 'a', outcome: 'muted', channel: 'sms' });
    const told = async ({ useCases, people }: App) =>
      Promise.all(
        ['a', 'b', 'c', 'd'].map(async (userId) => {
          const { rules } = await useCases.touch.canTouch({ userId, channel: 'push' });
          const sms = await useCases.touch.canTouch({ userId, channel: 'sms' });
          const { state } = await people.readPerson(userId);
          return [
            rules[0]?.kind === 'cap' && rules[0].used,
            sms.reason,
            [...(state?.products.keys() ?? [])].sort(),
          ];
        }),
      );
    const all = ['p-0', 'p-1', 'p-2', 'p-3', 'p-9'];
    const expected = [
      [4, 'left_alone', all],
      [4, 'left_alone', all],
      [4, 'left_alone', all],
      [1, 'within_caps', []],
    ];
    expect(await told(before)).toEqual(expected);
    await before.close();
    opened.splice(opened.indexOf(before), 1);
    expect(await told(await open(dataDir))).toEqual(expected);
  });

  it('T7: a person of too many ids is refused, and nobody changes', async () => {
    const app = await openInMemory();
    for (let n = 1; n < MAX_IDS_A_PERSON; n += 1) {
      await app.truth.identityStore.link({ userId: 'many', otherId: `id-${n}`, nowMs: NOON_MS });
    }
    const oneMore = app.useCases.linkIdentity({ userId: 'many', identity: { value: 'one-more' } });
    await expect(oneMore).rejects.toThrow(FailedPreconditionError);
    expect(await app.useCases.idsOfPerson('one-more')).toMatchObject([{ userId: 'one-more' }]);
  });
});
