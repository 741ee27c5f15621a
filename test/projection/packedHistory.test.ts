import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  Behaviour,
  BehaviourContext,
  BehaviourToLog,
  LoggedBehaviour,
} from '../../src/behaviour/behaviour.js';
import { SHORTEST_BROWSE_MS, STARTING_WEIGHTS } from '../../src/behaviour/weights.js';
import { DAY_MS, HOUR_MS } from '../../src/core/time.js';
import { BEHAVIOUR_TYPES } from '../../src/core/vocabulary.js';
import { ByteReader, ByteWriter, UnreadableBytesError } from '../../src/projection/bytes.js';
import {
  joinHistories,
  packBehaviour,
  packHistory,
  quantisePercentile,
  recordsOf,
  unpackHistory,
} from '../../src/projection/packedHistory.js';
import { readId, writeId } from '../../src/projection/packedId.js';
import { packContent } from '../../src/projection/packedRecord.js';
import { applyToUser, emptyUserState, type UserState } from '../../src/tags/userState.js';
import { aBehaviour, aContext, NOON_MS } from '../support/builders.js';
import { shopOfOddRevisions as shopOf, someBehaviour, someId } from './packedBehaviours.js';

/** Where the first behaviour begins. */
const HEAD = 9;

const unpacked = (bytes: Uint8Array) => unpackHistory(bytes, { userId: 'ann', shopOf });

function packed(behaviour: Partial<Behaviour>, context: Partial<BehaviourContext> = {}): Uint8Array {
  return packBehaviour({ behaviour: aBehaviour(behaviour), context: aContext(context) }, shopOf);
}

/** What of a behaviour must survive being packed, as `applyToUser` reads it. */
function essence({ behaviour, context }: BehaviourToLog): object {
  const { type, productId, shopId, occurredAtMs, rating, query, dwellMs } = behaviour;
  const isReview = type === 'review';
  return {
    type,
    productId,
    occurredAtMs,
    rating: isReview ? rating : undefined,
    glance: type === 'browse' && dwellMs !== undefined && dwellMs < SHORTEST_BROWSE_MS,
    query: productId === undefined ? query : undefined,
    browsedShop: productId === undefined ? shopId : undefined,
    revision: context.productRevision,
    shop: context.shopId,
    percentile:
      isReview || context.pricePercentile === undefined
        ? undefined
        : quantisePercentile(context.pricePercentile),
  };
}

const facts = {
  productFacts: (productId: string, revision: number) => ({
    tags: [
      { tag: `category:${productId}`, field: 'category' as const, weight: 1 },
      { tag: `title:${revision}`, field: 'title' as const, weight: 0.3 },
    ],
    leafCategory: productId.slice(0, 1),
  }),
  queryTags: (query: string) => [{ tag: `title:${query}`, field: 'title' as const, weight: 1 }],
};

/** All of a state that is ever read; `counting` keeps whole behaviours to compare later ones with. */
function stateAfter(behaviours: readonly BehaviourToLog[]): Omit<UserState, 'counting'> {
  const user = emptyUserState('ann');
  for (const behaviour of behaviours) {
    applyToUser(user, { ...behaviour, seq: 0 }, { weights: STARTING_WEIGHTS, facts });
  }
  const { counting: _, ...read } = user;
  return read;
}

describe('a packed behaviour', () => {
  it('gives back all that a person’s vectors are made of', () => {
    fc.assert(
      fc.property(someBehaviour, (logged) => {
        const back = unpacked(packBehaviour(logged, shopOf));
        expect(back.map(essence)).toEqual([essence(logged)]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves exactly on a person what the behaviour of the log leaves', () => {
    fc.assert(
      fc.property(fc.array(someBehaviour, { maxLength: 40 }), (history) => {
        // Ties of time are broken by event id: by the same one on both sides.
        const logged = history.map(({ behaviour, context }) => ({
          behaviour: { ...behaviour, eventId: packContent({ behaviour, context }, shopOf) },
          context: {
            ...context,
            ...(context.pricePercentile !== undefined && {
              pricePercentile: quantisePercentile(context.pricePercentile),
            }),
          },
        }));
        expect(stateAfter(unpacked(packHistory(history, shopOf)))).toEqual(stateAfter(logged));
      }),
    );
  });

  it('takes six bytes for a browse of a numbered product soon after another, seven with a price', () => {
    const browse = { productId: 'p352849', occurredAtMs: NOON_MS + 60_000 };
    const plain = { productRevision: 1, shopId: 'shop of p352849' };
    const priced = { ...plain, pricePercentile: 0.4 };
    const before = packed({ productId: 'p1' });
    const size = (behaviour: Partial<Behaviour>, context: Partial<BehaviourContext>) =>
      joinHistories(before, packed({ ...browse, ...behaviour }, context)).length - before.length;
    expect(size({}, plain)).toBe(6);
    expect(size({ productId: '352849' }, { ...plain, shopId: 'shop of 352849' })).toBe(5);
    expect(size({}, priced)).toBe(7);
    expect(size({ type: 'purchase' }, priced)).toBe(7);
    expect(size({ type: 'review', rating: 4 }, priced)).toBe(7);
    // In one basket; two hours later; a week; a product described anew; milliseconds.
    expect(size({ occurredAtMs: NOON_MS }, plain)).toBe(5);
    expect(size({ occurredAtMs: NOON_MS + 2 * HOUR_MS }, plain)).toBe(7);
    expect(size({ occurredAtMs: NOON_MS + 7 * DAY_MS }, plain)).toBe(8);
    expect(size({}, { ...plain, productRevision: 9 })).toBe(7);
    expect(size({ occurredAtMs: NOON_MS + 60_007 }, plain)).toBe(8);
  });

  it('knows a browse that was too short from one of unknown length', () => {
    const dwell = (dwellMs: number | undefined) => unpacked(packed({ dwellMs }))[0]?.behaviour.dwellMs;
    expect(dwell(SHORTEST_BROWSE_MS - 1)).toBeLessThan(SHORTEST_BROWSE_MS);
    expect(dwell(SHORTEST_BROWSE_MS)).toBeUndefined();
    expect(dwell(undefined)).toBeUndefined();
  });

  it('has a code of its own for every type', () => {
    const heads = BEHAVIOUR_TYPES.map((type) => (packed({ type, shopId: 'a' })[HEAD] as number) & 15);
    expect(new Set(heads).size).toBe(BEHAVIOUR_TYPES.length);
  });

  it('is the same bytes whenever it is packed, and other bytes when it is another', () => {
    fc.assert(
      fc.property(someBehaviour, someBehaviour, (a, b) => {
        const [first, second] = [packBehaviour(a, shopOf), packBehaviour(b, shopOf)];
        expect(packBehaviour({ ...a }, shopOf)).toEqual(first);
        const isSame = JSON.stringify(essence(a)) === JSON.stringify(essence(b));
        expect(Buffer.compare(first, second) === 0).toBe(isSame);
      }),
    );
  });

  it('refuses a time that has no place in the format', () => {
    expect(() => packed({ occurredAtMs: Date.UTC(1989, 11, 31) })).toThrow(RangeError);
  });
});

describe('a packed history', () => {
  it('laid end to end with another is the history of both, and joined to it takes the bytes of one', () => {
    fc.assert(
      fc.property(fc.array(someBehaviour, { maxLength: 20 }), fc.nat(20), fc.nat(20), (history, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const parts = [history.slice(0, from), history.slice(from, to), history.slice(to)].map((part) =>
          packHistory(part, shopOf),
        );
        const [whole, laid] = [packHistory(history, shopOf), Buffer.concat(parts)];
        expect(unpacked(laid)).toEqual(unpacked(whole));
        expect(unpacked(whole).map(essence)).toEqual(history.map(essence));
        expect(recordsOf(laid)).toEqual(recordsOf(whole));
        expect(joinHistories(...parts)).toEqual(whole);
        expect(joinHistories(laid)).toEqual(whole);
      }),
    );
  });

  it('of nothing is no bytes', () => {
    expect(packHistory([], shopOf)).toHaveLength(0);
    expect(joinHistories(new Uint8Array(0), new Uint8Array(0))).toHaveLength(0);
    expect(unpacked(new Uint8Array(0))).toEqual([]);
  });

  it('cut anywhere, gives its first behaviours or says that it is cut', () => {
    fc.assert(
      fc.property(fc.array(someBehaviour, { minLength: 1, maxLength: 6 }), (history) => {
        const whole = packHistory(history, shopOf);
        const all = unpacked(whole);
        for (let cut = 0; cut < whole.length; cut++) {
          const left = readOrRefused(whole.subarray(0, cut));
          if (left !== 'refused') expect(left).toEqual(all.slice(0, left.length));
        }
      }),
    );
    // Between two behaviours as well: the beginning says where the end is.
    const two = packHistory(
      [0, 60_000].map((laterMs) => ({
        behaviour: aBehaviour({ occurredAtMs: NOON_MS + laterMs }),
        context: aContext(),
      })),
      shopOf,
    );
    for (let cut = 1; cut < two.length; cut++) expect(readOrRefused(two.subarray(0, cut))).toBe('refused');
  });

  it('of a later format is refused, never read as something else', () => {
    const record = packed({ productId: undefined, query: 'tea' });
    for (const type of [13, 14, 15]) {
      const later = Uint8Array.from(record, (byte, i) => (i === HEAD ? (byte & 0xf0) | type : byte));
      expect(() => unpacked(later)).toThrow(UnreadableBytesError);
      expect(() => recordsOf(later)).toThrow(UnreadableBytesError);
    }
    const moreFlags = Uint8Array.from(record, (byte, i) => (i === HEAD + 1 ? byte | 0x80 : byte));
    const moreKinds = Uint8Array.from(record, (byte, i) => (i === HEAD ? byte | 0xf0 : byte));
    for (const later of [moreFlags, moreKinds]) expect(() => unpacked(later)).toThrow(UnreadableBytesError);
    for (const chunk of [0x0f, 0x2f, 0xff]) {
      expect(() => unpacked(Uint8Array.of(chunk, ...record.subarray(1)))).toThrow(UnreadableBytesError);
      expect(() => unpacked(Uint8Array.of(...record, chunk))).toThrow(UnreadableBytesError);
    }
  });

  it('of arbitrary bytes gives behaviours or the error that says so, nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        readOrRefused(bytes);
        readOrRefused(Uint8Array.of(0x1f, 0, 0, 0, 9, 0, 0, 0, 9, ...bytes));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a packed id', () => {
  const bytesOf = (id: string): Uint8Array => {
    const to = new ByteWriter();
    writeId(to, id);
    return to.written();
  };

  it('gives back the id, and ends where it ends', () => {
    fc.assert(
      fc.property(someId, someId, (a, b) => {
        const from = new ByteReader(Buffer.concat([bytesOf(a), bytesOf(b)]));
        expect([readId(from), readId(from), from.isAtEnd]).toEqual([a, b, true]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes the bytes of the number that it is', () => {
    const sizes = {
      '7': 1,
      '1999': 2,
      '352849': 3,
      p352849: 4,
      '100012043978': 6,
      '1783920473829384192': 9,
      'f81d4fae-7dec-11d0-a765-00a0c91e6bf6': 17,
      b7d76e111c89f7ebf14761390f0f7d17: 17,
      '507f1f77bcf86cd799439011': 13,
      '85123A': 7,
    };
    expect(Object.fromEntries(Object.keys(sizes).map((id) => [id, bytesOf(id).length]))).toEqual(sizes);
  });
});

describe('a quantised percentile', () => {
  it('stays as it is when it is quantised or packed again', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (percentile) => {
        const quantised = quantisePercentile(percentile);
        expect(Math.abs(quantised - percentile)).toBeLessThanOrEqual(0.5 / 255 + 1e-12);
        expect(quantisePercentile(quantised)).toBe(quantised);
        const [back] = unpacked(packed({}, { pricePercentile: quantised }));
        expect(back?.context.pricePercentile).toBe(quantised);
      }),
    );
    expect([0, 1].map(quantisePercentile)).toEqual([0, 1]);
  });
});

/** The behaviours of the bytes, or that they were refused as they ought to be. */
function readOrRefused(bytes: Uint8Array): LoggedBehaviour[] | 'refused' {
  try {
    return unpacked(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableBytesError);
    return 'refused';
  }
}
