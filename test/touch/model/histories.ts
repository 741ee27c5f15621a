import fc from 'fast-check';
import { TOUCH_FAILURES, type TouchFailure } from '../../../src/touch/touchFailure.js';
import type { TouchPolicy } from '../../../src/touch/touchPolicy.js';
import { DAY, HOUR, MINUTE } from '../builders.js';
import { CHANNELS, minutes, policyFacts, policyOf, rarely, SHOPS, TYPES } from './policies.js';

/** Where and when a history is set: mostly around a moment at which the clocks there change. */
const PLACES = [
  { timezone: 'UTC', from: '2025-06-27T00:00Z' },
  { timezone: 'Asia/Shanghai', from: '2025-06-27T00:00Z' },
  { timezone: 'Asia/Kathmandu', from: '2025-06-28T00:00Z' },
  { timezone: 'Europe/Berlin', from: '2025-10-24T00:00Z' },
  { timezone: 'America/New_York', from: '2025-03-07T00:00Z' },
  // A day without midnight, and one with an hour twice before midnight.
  { timezone: 'America/Sao_Paulo', from: '2018-11-02T12:00Z' },
  { timezone: 'America/Sao_Paulo', from: '2018-02-15T12:00Z' },
  { timezone: 'Africa/Cairo', from: '2024-04-24T00:00Z' },
  // Clocks that change by half an hour, and a week without a Friday.
  { timezone: 'Australia/Lord_Howe', from: '2025-04-04T00:00Z' },
  { timezone: 'Pacific/Apia', from: '2011-12-28T00:00Z' },
] as const;

export const IDS = ['a', 'b', 'c'] as const;
export const SERVERS = 3;

/** Where a call goes wrong: at which step between the server and its stores, and how. */
export interface Fault {
  readonly afterSteps: number;
  /** The step was done, and only its answer is lost. */
  readonly doneBefore: boolean;
  /** The server ends there and then, rather than being told that the step failed. */
  readonly ends: boolean;
}

export interface Message {
  readonly channel: (typeof CHANNELS)[number];
  readonly campaignType: (typeof TYPES)[number];
  readonly shopId: (typeof SHOPS)[number] | undefined;
  readonly priority: number | undefined;
}

interface OnServer {
  readonly server: number;
  readonly fault: Fault | undefined;
}

export type Call = OnServer &
  (
    | {
        readonly do: 'ask';
        readonly id: string;
        readonly message: Message;
        readonly deadlineIn?: number;
        /** Of the reservation that is thought of. */
        readonly ttlMs?: number;
      }
    | {
        readonly do: 'reserve';
        readonly id: string;
        readonly message: Message;
        readonly deadlineIn?: number;
        readonly request: number;
        readonly ttlMs: number;
      }
    /** The request of a permit once more, or its request id for another message. */
    | { readonly do: 'repeat'; readonly of: number; readonly anotherMessage: boolean }
    | { readonly do: 'commit'; readonly of: number; readonly onlyIfHeld: boolean }
    | { readonly do: 'release'; readonly of: number }
    /** What the channel says became of a message, whether or not that was committed yet. */
    | { readonly do: 'report'; readonly of: number; readonly failure: TouchFailure; readonly twice: boolean }
    | {
        readonly do: 'word';
        readonly id: string;
        readonly channel: Message['channel'] | undefined;
        readonly leaveAlone: boolean;
        /** When it was said; now when absent. */
        readonly agoMs: number | undefined;
      }
    | { readonly do: 'link'; readonly id: string; readonly other: string }
    | { readonly do: 'unlink'; readonly id: string }
  );

export type Step =
  | Call
  /** Several callers in one moment; `turns` keep each step of theirs waiting, so that they cross. */
  | { readonly do: 'atOnce'; readonly calls: readonly Call[]; readonly turns: readonly number[] }
  /** Reservations in one call. */
  | { readonly do: 'batch'; readonly server: number; readonly calls: readonly Call[] }
  /** Back when negative. */
  | { readonly do: 'wait'; readonly ms: number }
  /** To the `not_before` that was told last, or just before. */
  | { readonly do: 'waitUntilOpen'; readonly beforeMs: number }
  | { readonly do: 'policy'; readonly server: number; readonly which: number }
  /** The store loses all and is made anew from the ledger. */
  | { readonly do: 'loseStore' }
  /** The ledger is applied on top of what is there. */
  | { readonly do: 'readLedger' }
  /** Connections to the store drop while a call is under way. */
  | { readonly do: 'drop'; readonly call: Call };

export const TROUBLES = ['fault', 'atOnce', 'back', 'link', 'unlink', 'policy', 'drop'] as const;
export type Trouble = (typeof TROUBLES)[number];

export interface History {
  readonly timezone: string;
  readonly startMs: number;
  readonly policies: readonly [TouchPolicy, TouchPolicy];
  /** What this history is spared, so that in many of them every answer is known to the millisecond. */
  readonly spared: readonly Trouble[];
  /** Servers that believe everybody to be on their own, until the logs tell them. */
  readonly isStale: boolean;
  readonly steps: readonly Step[];
}

const id = fc.constantFrom(...IDS, 'a', 'a', 'a');
const server = fc.nat(SERVERS - 1);
const message: fc.Arbitrary<Message> = fc.record({
  channel: fc.constantFrom(...CHANNELS),
  campaignType: fc.constantFrom('routine', 'routine', ...TYPES),
  shopId: fc.constantFrom(undefined, ...SHOPS),
  priority: fc.constantFrom(undefined, undefined, undefined, 20, 80),
});
const fault = fc.option(fc.record({ afterSteps: fc.nat(4), doneBefore: fc.boolean(), ends: fc.boolean() }), {
  nil: undefined,
  freq: 4,
});
const on = { server, fault };
const deadlineIn = fc.option(fc.integer({ min: -MINUTE, max: 2 * DAY }), { nil: undefined, freq: 6 });
const of = fc.nat(999);
const ttlMs = fc.constantFrom(1_000, 10 * MINUTE, 10 * MINUTE, 90 * MINUTE, DAY);

const reserve: fc.Arbitrary<Call> = fc.record({
  do: fc.constant('reserve' as const),
  ...on,
  id,
  message,
  deadlineIn,
  request: fc.oneof(fc.nat(200), fc.nat(2)),
  ttlMs,
});
const ask: fc.Arbitrary<Call> = fc.record({
  do: fc.constant('ask' as const),
  ...on,
  id,
  message,
  deadlineIn,
  ttlMs: fc.option(ttlMs, { nil: undefined, freq: 1 }),
});
const call: fc.Arbitrary<Call> = fc.oneof<fc.MaybeWeightedArbitrary<Call>[]>(
  { weight: 10, arbitrary: reserve },
  { weight: 3, arbitrary: ask },
  {
    weight: 7,
    arbitrary: fc.record({ do: fc.constant('commit' as const), ...on, of, onlyIfHeld: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), ...on, of }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      ...on,
      of,
      failure: fc.constantFrom(...TOUCH_FAILURES),
      twice: rarely,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('repeat' as const), ...on, of, anotherMessage: rarely }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('word' as const),
      ...on,
      id,
      channel: fc.option(fc.constantFrom(...CHANNELS), { nil: undefined }),
      leaveAlone: fc.boolean(),
      // Off the full minute, so that it is never the very moment of another word.
      agoMs: fc.option(
        fc.nat(300).map((count) => count * MINUTE + 500),
        { nil: undefined, freq: 2 },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('link' as const), ...on, id, other: fc.constantFrom(...IDS) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unlink' as const), ...on, id }) },
);

const wait: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('wait' as const),
  ms: fc.oneof(
    fc.constantFrom(1, 1_000, MINUTE, 10 * MINUTE, HOUR, DAY),
    minutes(1, 300).map(Number),
    fc.integer({ min: 1, max: 4 * DAY }),
    minutes(-120, -1).map(Number),
    fc.integer({ min: -12 * HOUR, max: -1 }),
  ),
});

const step: fc.Arbitrary<Step> = fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
  { weight: 20, arbitrary: call },
  { weight: 7, arbitrary: wait },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('waitUntilOpen' as const), beforeMs: fc.constantFrom(0, 0, 1) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('atOnce' as const),
      calls: fc.array(call, { minLength: 2, maxLength: 4 }),
      turns: fc.array(fc.nat(5), { maxLength: 12 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('batch' as const),
      server,
      calls: fc.array(reserve, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('policy' as const), server, which: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('loseStore' as const, 'readLedger' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), call }) },
);

export const histories: fc.Arbitrary<History> = fc
  .record({
    place: fc.constantFrom(...PLACES),
    offsetMs: fc.oneof(
      fc.nat(4 * DAY),
      fc.nat(4 * 24 * 60).map((count) => count * MINUTE),
    ),
    policies: fc.tuple(policyFacts, policyFacts),
    spared: fc.subarray([...TROUBLES]),
    isStale: fc.boolean(),
    steps: fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
  })
  .map(({ place, offsetMs, policies: [first, second], ...rest }) => {
    const startMs = Date.parse(place.from) + offsetMs;
    return {
      timezone: place.timezone,
      startMs,
      policies: [policyOf(1, { facts: first, startMs }), policyOf(2, { facts: second, startMs })] as const,
      ...rest,
    };
  });
