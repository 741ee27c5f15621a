import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNELS } from '../../../src/core/vocabulary.js';
import { UnreadableBytesError } from '../../../src/projection/bytes.js';
import { packTouchLog, unpackTouchLog } from '../../../src/stores/redis/touchLogCodec.js';
import {
  HOURS_KEPT,
  type LearnedPerson,
  MAX_DAY,
  MAX_LEVEL,
  MAX_SMALL_LEVEL,
} from '../../../src/touch/learnedPerson.js';
import { LEAVE_ALONE_OUTCOMES } from '../../../src/touch/leaveAlone.js';
import { newPermitId } from '../../../src/touch/permitId.js';
import { TOUCH_REASONS } from '../../../src/touch/touch.js';
import { TOUCH_FAILURES, type TouchFailure } from '../../../src/touch/touchFailure.js';
import {
  EMPTY_TOUCH_LOG,
  type PermitState,
  settledLog,
  type TouchRecord,
  type UserTouchLog,
} from '../../../src/touch/userTouchLog.js';
import { NOON_MS } from '../../support/builders.js';
import { learnedOfMost } from '../../support/learnedOfMost.js';
import { aRecord, DAY, MINUTE } from '../../touch/builders.js';

const id = fc.oneof(
  fc.nat().map(String),
  fc.nat(9_999).map((n) => `p${n}`),
  fc.uuid(),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom(
    '0',
    '007',
    '-1',
    '1e3',
    '18446744073709551616',
    '会员:小明',
    '👩‍👩‍👧',
    'shop-👍',
    'shop-👎',
    'É',
    'E\u0301',
    ' ',
    '\u0000',
    'routine',
  ),
);
const moment = fc.oneof(
  fc.integer({ min: NOON_MS - 40 * DAY, max: NOON_MS }),
  fc.integer({ min: -(2 ** 47), max: 2 ** 47 }),
);
const state: fc.Arbitrary<PermitState> = fc.oneof(
  fc.constantFrom(
    { status: 'reserved' as const },
    { status: 'expired' as const },
    { status: 'released' as const },
  ),
  fc.record({ status: fc.constant('taken' as const), takenBy: id }),
  fc.record(
    {
      status: fc.constant('committed' as const),
      sentAtMs: moment,
      late: fc.boolean(),
      taken: fc.constant(true as const),
    },
    { requiredKeys: ['status', 'sentAtMs', 'late'] },
  ),
);
const optional = { shopId: id, campaignId: id, priority: fc.integer({ min: 1, max: 100 }) };
const content = fc.record(
  {
    channel: fc.constantFrom(...CHANNELS),
    campaignType: fc.oneof(fc.constantFrom('routine', 'promotion'), id),
    ...optional,
  },
  { requiredKeys: ['channel', 'campaignType'] },
);
const permit = fc.option(id, { nil: undefined });
const record = (userIds: fc.Arbitrary<string>): fc.Arbitrary<TouchRecord> =>
  fc
    .record({
      permit,
      userId: userIds,
      requestId: id,
      content,
      reservedAtMs: moment,
      ttlMs: fc.oneof(fc.constantFrom(10 * MINUTE, DAY), fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
      state,
      ruleId: fc.oneof(fc.constantFrom('no_rule', 'all_channels_24h'), id),
      reason: fc.constantFrom(...TOUCH_REASONS),
      repeated: fc.boolean(),
      failed: fc.option(fc.constantFrom(...TOUCH_FAILURES), { nil: undefined }),
      forgotten: fc.boolean(),
    })
    .map(({ permit, userId, ttlMs, forgotten, failed, ...facts }) => {
      const { campaignId: _, ...counted } = facts.content;
      return {
        ...facts,
        permitId: permit ?? newPermitId({ userId, channel: facts.content.channel }),
        expiresAtMs: facts.reservedAtMs + ttlMs,
        ...(failed !== undefined && { failed }),
        ...(forgotten && { content: counted, permitId: '', requestId: '', ruleId: '' }),
        ...(forgotten && facts.state.status === 'taken' && { state: { ...facts.state, takenBy: '' } }),
      };
    });
const marks = fc.uniqueArray(
  fc.record(
    {
      channel: fc.constantFrom(...CHANNELS),
      outcome: fc.constantFrom(...LEAVE_ALONE_OUTCOMES, 'resubscribed' as const),
      atMs: moment,
    },
    { requiredKeys: ['outcome', 'atMs'] },
  ),
  { selector: ({ channel }) => channel },
);
const homesOf = (userId: string) =>
  fc.uniqueArray(
    fc.record({
      userId: fc.oneof(id, fc.constant(userId)),
      homeId: fc.oneof(id, fc.constant(userId)),
      seq: fc.maxSafeNat(),
      inLedger: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5, selector: (home) => home.userId },
  );
const level = (max: number) => fc.integer({ min: 0, max });
const learned: fc.Arbitrary<LearnedPerson> = fc.record({
  budgetLevel: level(MAX_LEVEL),
  day: level(MAX_DAY),
  sendsLevel: level(MAX_LEVEL),
  opensLevel: level(MAX_LEVEL),
  softNegativesLevel: level(MAX_SMALL_LEVEL),
  unsubscribesLevel: level(MAX_SMALL_LEVEL),
  hours: fc
    .uniqueArray(
      fc.record({
        hour: level(23),
        sendsLevel: fc.integer({ min: 1, max: MAX_SMALL_LEVEL }),
        openedFifteenths: level(MAX_SMALL_LEVEL),
      }),
      { selector: ({ hour }) => hour, maxLength: HOURS_KEPT },
    )
    .map((hours) => hours.toSorted((a, b) => a.hour - b.hour)),
});
const logOfUser = id
  .chain((userId) => fc.tuple(fc.constant(userId), fc.option(homesOf(userId), { nil: undefined })))
  .chain(([userId, homes]) => {
    const userIds = [userId, ...(homes ?? []).map((home) => home.userId)];
    const records = fc.array(record(fc.constantFrom(...userIds)), { maxLength: 20 });
    const known = fc.option(learned, { nil: undefined });
    return fc.record({ records, marks, known }).map(({ known, ...log }) => ({
      userId,
      log: {
        ...log,
        ...(homes !== undefined && { homes }),
        ...(known !== undefined && { learned: known }),
      },
    }));
  });

describe('a packed touch log', () => {
  it('is what it was before', () => {
    fc.assert(
      fc.property(logOfUser, ({ userId, log }) => {
        expect(unpackTouchLog(userId, packTouchLog(userId, log))).toEqual(log);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same bytes for the same log', () => {
    fc.assert(
      fc.property(logOfUser, ({ userId, log }) => {
        const bytes = packTouchLog(userId, log);
        expect(packTouchLog(userId, unpackTouchLog(userId, bytes))).toEqual(bytes);
      }),
    );
  });

  it('is nothing when the log is empty', () => {
    expect(packTouchLog('user-1', EMPTY_TOUCH_LOG)).toHaveLength(0);
    expect(unpackTouchLog('user-1', new Uint8Array())).toEqual(EMPTY_TOUCH_LOG);
  });

  it('is refused, never misread past its end, when it is damaged or of another version', () => {
    fc.assert(
      fc.property(logOfUser, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ userId, log }, place, change) => {
        const bytes = Uint8Array.from(packTouchLog(userId, log));
        if (bytes.length === 0) return;
        const at = place % bytes.length;
        bytes[at] = bytes[at]! ^ change;
        try {
          unpackTouchLog(userId, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableBytesError);
        }
      }),
    );
    expect(() => unpackTouchLog('user-1', Uint8Array.of(0x90))).toThrow('version 0');
  });

  it('C1: takes 15 bytes for what was learned, and a log of before reads as one without', () => {
    const log: UserTouchLog = { records: [], marks: [], learned: learnedOfMost() };
    expect(packTouchLog('user-1', log)).toHaveLength(1 + 15);
    const before = packTouchLog('user-1', { records: [aRecord()], marks: [] });
    expect(before[0]).toBe(0b0010_0000);
    expect(unpackTouchLog('user-1', before)).not.toHaveProperty('learned');
  });

  it('is read as it was written before touches had a priority, and written so while none has', () => {
    const bytes = Buffer.from(
      '218180e8d790cd020063600201e673686f702d370000ea60c0a9070008e9726571756573742d310000000000004000' +
        '800000000000000100646002130000ea6080eb83010008088200000000000040008000000000000002006260021300' +
        '00ea60000808830000000000004000800000000000000300616002130000ea60000808840000000000004000800000' +
        '00000000040028400100e3766970000000ea600100e46a756e65080885ff32707573682e64584e6c636930782e3030' +
        '3030303030302d303030302d343030302d383030302d303030303030303030303035',
      'hex',
    );
    const log = unpackTouchLog('user-1', bytes);
    expect(
      log.records.map(({ state: { status }, content: { campaignType } }) => [status, campaignType]),
    ).toEqual([
      ['committed', 'routine'],
      ['committed', 'routine'],
      ['released', 'routine'],
      ['expired', 'routine'],
      ['reserved', 'vip'],
    ]);
    expect(Buffer.from(packTouchLog('user-1', log))).toEqual(bytes);
  });

  it('C4: is refused by a server that knows no priorities, and takes two bytes more for each kind of touch', () => {
    const [plain, urgent] = [undefined, 80].map((priority) =>
      packTouchLog('user-1', {
        records: [1, 2, 3].map((n) =>
          aRecord({ permitId: `p${n}`, requestId: `r${n}`, content: { priority } }),
        ),
        marks: [],
      }),
    );
    expect(urgent!.length).toBe(plain!.length + 2);
    expect([plain![0]! >> 5, urgent![0]! >> 5]).toEqual([1, 2]);
  });

  it('C5: is refused by a server that knows no failures, and takes two bytes more for each kind of touch', () => {
    const logOf = (failed?: TouchFailure): UserTouchLog => ({
      records: [1, 2, 3].map((n) =>
        aRecord({
          permitId: `p${n}`,
          requestId: `r${n}`,
          content: { priority: 80 },
          ...(failed && { failed }),
        }),
      ),
      marks: [],
    });
    const [plain, ...failed] = [undefined, ...TOUCH_FAILURES].map((one) =>
      packTouchLog('user-1', logOf(one)),
    );
    expect(failed.map((bytes) => [bytes[0]! >> 5, bytes.length - plain!.length])).toEqual([
      [3, 2],
      [3, 2],
    ]);
    expect(plain![0]! >> 5).toBe(2);
    // Of touches that are alike in all else.
    const records = [logOf(), ...TOUCH_FAILURES.map(logOf)].flatMap((log) => log.records);
    const mixed: UserTouchLog = { records, marks: [] };
    expect(unpackTouchLog('user-1', packTouchLog('user-1', mixed))).toEqual(mixed);
  });

  it('has no place for half a millisecond', () => {
    const log: UserTouchLog = { records: [aRecord({ sentAtMs: 0.5 })], marks: [] };
    expect(() => packTouchLog('user-1', log)).toThrow(RangeError);
  });

  it('takes no more for the permits of linked ids than for those of its owner', () => {
    const homes = ['wx-unionid-0001', 'buyer-77'].map((userId) => ({
      userId,
      homeId: 'user-1',
      seq: 9,
      inLedger: true,
    }));
    const bytesOf = (userId: string): number => {
      const permitId = newPermitId({ userId, channel: 'push' });
      return packTouchLog('user-1', { records: [aRecord({ permitId, requestId: '7' })], marks: [], homes })
        .length;
    };
    expect(bytesOf('buyer-77')).toBe(bytesOf('user-1') + 1);
  });

  it('takes at most 16 bytes for a touch of long ago, its shop named once', () => {
    const touches = Array.from({ length: 12 }, (_, i) =>
      aRecord({
        permitId: newPermitId({ userId: 'user-1', channel: 'email' }),
        reservedAtMs: NOON_MS + i * 2.5 * DAY,
        state: { status: 'committed', sentAtMs: NOON_MS + i * 2.5 * DAY + 17_321, late: false },
        expiresAtMs: NOON_MS + i * 2.5 * DAY + 10 * MINUTE,
        content: {
          channel: 'email',
          campaignType: 'promotion',
          shopId: 'shop-4711',
          campaignId: 'june-sale',
        },
      }),
    );
    const log = settledLog({ records: touches, marks: [] }, NOON_MS + 60 * DAY);
    const perTouch = packTouchLog('user-1', log).length / touches.length;
    expect(perTouch).toBeLessThanOrEqual(16);
  });
});
