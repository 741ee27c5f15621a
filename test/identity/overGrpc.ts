import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App, AppOptions } from '../../src/app.js';
import { window } from '../../src/core/time.js';
import { createLogger } from '../../src/logger.js';
import {
  BehaviourType,
  Channel,
  createClient,
  Outcome,
  type TagRankClient,
  toTimestamp,
} from '../../src/server/client.js';
import { createServer, type TagRankServer } from '../../src/server/createServer.js';
import { aCap, aPolicy, DAY } from '../touch/builders.js';

const CAP = 4;
/** Without quiet hours: the tests run at any time of day. */
export const CAPPED: Pick<AppOptions, 'touchPolicy'> = {
  touchPolicy: aPolicy({ caps: [aCap({ cap: CAP, window: { kind: 'rolling', windowMs: window(DAY) } })] }),
};

/**
 * What a caller sees of linked ids over gRPC, of one server or of two on the same engines.
 * `openApps` opens the servers with `CAPPED`; whoever opens them closes them.
 */
export function identityOverGrpc(name: string, openApps: () => Promise<readonly App[]>): void {
  describe(`linked ids over gRPC, ${name}`, () => {
    const servers: TagRankServer[] = [];
    const clients: TagRankClient[] = [];
    let a: TagRankClient;
    let b: TagRankClient;
    let watermark = '';

    beforeAll(async () => {
      for (const app of await openApps()) {
        const server = createServer({ useCases: app.useCases, logger: createLogger({ level: 'silent' }) });
        servers.push(server);
        clients.push(createClient(await server.start('127.0.0.1:0')));
      }
      a = clients[0] as TagRankClient;
      b = clients.at(-1) as TagRankClient;
      const shops = ['kiln', 'forge', 'loom'];
      await a.upsertShops({ shops: shops.map((shopId) => ({ shopId, name: shopId })) });
      await a.upsertProducts({
        products: shops.flatMap((shopId) =>
          [0, 1, 2, 3].map((n) => ({
            productId: `${shopId}-${n}`,
            shopId,
            title: `${shopId} ware ${n}`,
            categoryPath: ['home', shopId],
            priceMinor: BigInt(1_000 + n),
            currency: 'EUR',
          })),
        ),
      });
    }, 120_000);
    afterAll(async () => {
      for (const client of clients) client.close();
      for (const server of servers) await server.stop();
    });

    let events = 0;
    const did = async (userId: string, type: BehaviourType, productId: string) => {
      const event = { eventId: `grpc-${++events}`, type, userId, productId };
      const occurredAt = toTimestamp(Date.now() - 60_000);
      watermark = (await a.track({ events: [{ ...event, occurredAt }] })).watermark;
    };
    const tagsOf = async (client: TagRankClient, userId: string) => {
      const { tags } = await client.getTags({ subject: { $case: 'userId', value: userId }, watermark });
      return new Map(tags.map(({ tag, origins }) => [tag, origins.length]));
    };
    const link = (userId: string, value: string, kind = '') =>
      a.linkIdentity({ userId, identity: { kind, value } });
    const question = (userId: string) => ({ userId, channel: Channel.PUSH });
    const reserve = (client: TagRankClient, userId: string) =>
      client.reserveTouch({ requestId: `grpc-r-${++events}`, question: question(userId) });
    const used = async (client: TagRankClient, userId: string) => {
      const { decision } = await client.canTouch({ question: question(userId) });
      return Number(decision?.ruleStates[0]?.used ?? 0n);
    };
    const refusal = async (call: Promise<unknown>) => {
      const error = (await call.then(
        () => expect.fail('should have been refused'),
        (reason: unknown) => reason,
      )) as { code: number; details: string };
      return [status[error.code], error.details];
    };

    it('T7: tags, lists and matches are those of the whole person, under either id, on any server', async () => {
      await did('shopper', BehaviourType.FAVOURITE, 'kiln-0');
      await did('phone-1', BehaviourType.PURCHASE, 'forge-0');
      expect(await link('shopper', 'phone-1', 'phone')).toEqual({ userId: 'shopper', merged: true });
      await did('phone-1', BehaviourType.FAVOURITE, 'loom-0');
      for (const client of [a, b]) {
        const tags = await tagsOf(client, 'shopper');
        for (const shopId of ['kiln', 'forge', 'loom'])
          expect(tags.has(`category:home/${shopId}`)).toBe(true);
        expect(await tagsOf(client, 'phone-1')).toEqual(tags);

        const lists = await Promise.all(
          ['shopper', 'phone-1'].map((userId) =>
            client.rank({ userId, candidateIds: ['forge-0', 'forge-1', 'loom-1'], watermark }),
          ),
        );
        for (const { items, droppedCounts } of lists) {
          // R1: the shop that one id bought from. R8: what was ordered is not shown again.
          expect(
            items.find(({ productId }) => productId === 'forge-1')?.reasons.map(({ code }) => code),
          ).toContain('bought_shop');
          expect(Object.values(droppedCounts ?? {})).toHaveLength(1);
        }
        const [one, other] = await Promise.all(
          ['shopper', 'phone-1'].map((userId) => client.getMatch({ userId, shopId: 'forge', watermark })),
        );
        expect(other?.degree).toBeCloseTo(one?.degree ?? Number.NaN, 6);
        expect(one?.affinity).toBeGreaterThan(0);
      }
    });

    it('T7 R9: what was shown under one id is not fresh under another', async () => {
      const fatigueOf = async (userId: string) => {
        const { items } = await a.rank({ userId, candidateIds: ['loom-2'], watermark });
        return items[0]?.adjustments.fatigue ?? Number.NaN;
      };
      expect(await fatigueOf('phone-1')).toBe(1);
      for (let page = 0; page < 6; page += 1) await fatigueOf('shopper');
      expect(await fatigueOf('phone-1')).toBeLessThan(1);
    });

    it('T7: GetUser names the other ids, also of an id that nobody described', async () => {
      await a.upsertUsers({ users: [{ userId: 'shopper', region: 'north' }] });
      const described = await a.getUser({ userId: 'shopper' });
      expect(described.user?.region).toBe('north');
      expect(described.identities).toEqual([{ kind: 'phone', value: 'phone-1' }]);
      expect(await b.getUser({ userId: 'phone-1' })).toMatchObject({
        user: { userId: 'phone-1', region: '' },
        identities: [{ kind: '', value: 'shopper' }],
      });
      expect((await refusal(a.getUser({ userId: 'nobody' })))[0]).toBe('NOT_FOUND');
    });

    it('T7 C6 C8: caps and words about being left alone are those of the whole person', async () => {
      const first = await reserve(a, 'shopper');
      await a.commitTouch({ permitId: first.permit?.permitId ?? '' });
      const second = await reserve(b, 'phone-1');
      expect([await used(a, 'phone-1'), await used(b, 'shopper')]).toEqual([2, 2]);
      await a.commitTouch({ permitId: second.permit?.permitId ?? '' });
      await b.recordOutcome({ userId: 'phone-1', outcome: Outcome.UNSUBSCRIBED, channel: Channel.PUSH });
      expect((await reserve(a, 'shopper')).decision?.reasonCode).toBe('left_alone');
      await a.recordOutcome({ userId: 'shopper', outcome: Outcome.RESUBSCRIBED, channel: Channel.PUSH });
      expect((await reserve(b, 'phone-1')).permit).toBeDefined();
    });

    it('T7: an unlink takes them apart again, with what was done under each', async () => {
      expect(await b.unlinkIdentity({ userId: 'phone-1' })).toEqual({
        userId: 'shopper',
        identities: [{ kind: '', value: 'shopper' }],
        unlinked: true,
      });
      for (const client of [a, b]) {
        const [shopper, phone] = [await tagsOf(client, 'shopper'), await tagsOf(client, 'phone-1')];
        expect([shopper.has('category:home/kiln'), shopper.has('category:home/loom')]).toEqual([true, false]);
        expect([phone.has('category:home/kiln'), phone.has('category:home/loom')]).toEqual([false, true]);
      }
      // It had unsubscribed itself, and only the other id took that back.
      expect((await reserve(a, 'phone-1')).decision?.reasonCode).toBe('left_alone');
      await b.recordOutcome({ userId: 'phone-1', outcome: Outcome.RESUBSCRIBED, channel: Channel.PUSH });
      // The person that was kept keeps what counted: too careful, never too free.
      expect([await used(a, 'shopper'), await used(b, 'phone-1')]).toEqual([3, 2]);
      expect(await a.unlinkIdentity({ userId: 'phone-1' })).toEqual({
        userId: '',
        identities: [],
        unlinked: false,
      });
    });

    it('T7 C6: campaigns that ask under both ids while they are linked: afterwards the cap holds to the slot', async () => {
      for (let round = 0; round < 3; round += 1) {
        const ids = [`web-${round}`, `app-${round}`, `till-${round}`];
        const [web = '', app = '', till = ''] = ids;
        const askAll = (times: number) =>
          Promise.all(
            Array.from({ length: times }, (_, i) =>
              reserve(i % 2 === 0 ? a : b, ids[i % ids.length] as string),
            ),
          );
        const [before] = await Promise.all([
          askAll(9),
          a.linkIdentity({ userId: web, identity: { value: app } }),
          b.linkIdentity({ userId: till, identity: { value: app } }),
        ]);
        const held = before.filter(({ permit }) => permit !== undefined).length;
        const after = (await askAll(18)).filter(({ permit }) => permit !== undefined);
        expect(after).toHaveLength(Math.max(0, CAP - held));
        for (const userId of ids) expect(await used(b, userId)).toBe(held + after.length);
      }
    });

    it('T7: a request that cannot be is refused, naming field and rule', async () => {
      expect(
        await refusal(a.linkIdentity({ userId: '', identity: { value: 'x', kind: 'k'.repeat(65) } })),
      ).toEqual(['INVALID_ARGUMENT', 'user_id: must not be empty; identity.kind: must be at most 64 bytes']);
      expect(await refusal(a.linkIdentity({ userId: 'x' }))).toEqual([
        'INVALID_ARGUMENT',
        'identity: must be given',
      ]);
      expect(await refusal(a.linkIdentity({ userId: 'x', identity: { value: '' } }))).toEqual([
        'INVALID_ARGUMENT',
        'identity.value: must not be empty',
      ]);
      expect(await refusal(a.unlinkIdentity({ userId: 'a\u0000' }))).toEqual([
        'INVALID_ARGUMENT',
        'user_id: must not contain control characters',
      ]);
      expect(await link('itself', 'itself')).toEqual({ userId: 'itself', merged: false });
    });
  });
}
