import { describe, expect, it } from 'vitest';
import type { Traits } from '../../src/core/traits.js';
import { MemoryTouchStore } from '../../src/stores/memory/memoryTouchStore.js';
import { DEFAULT_HABITS } from '../../src/touch/habits.js';
import { habitsOf, MAX_SEGMENTS, type StoredHabits, segmentsOf } from '../../src/touch/habitsBySegment.js';
import { habitsSeen, LEAST_PEOPLE } from '../../src/touch/habitsSeen.js';
import type { LearnedPerson } from '../../src/touch/learnedPerson.js';
import { LearningHistory } from '../../src/touch/learningHistory.js';
import { HABITS_HOLD_MS, HABITS_NOTICE_MS, refreshHabits } from '../../src/touch/refreshHabits.js';
import { NOON_MS } from '../support/builders.js';
import { steppableClock } from '../support/clock.js';
import { aPolicy, ScriptedLedger } from './builders.js';

/** Somebody with some ten sends in the afternoon, of which a share was opened. */
function learned(openedFifteenths: number): LearnedPerson {
  return {
    budgetLevel: 96,
    day: 1_979,
    sendsLevel: 77,
    opensLevel: openedFifteenths * 5,
    softNegativesLevel: 0,
    unsubscribesLevel: 0,
    hours: [
      { hour: 9, sendsLevel: 8, openedFifteenths: 0 },
      { hour: 15, sendsLevel: 8, openedFifteenths },
    ],
  };
}

const crowd = (count: number, traits: Traits, openedFifteenths: number) =>
  Array.from({ length: count }, () => ({ traits, learned: learned(openedFifteenths) }));

const YOUNG = { age_band: '18-24', gender: 'female' };
const OLD = { age_band: '60+', gender: 'female' };

describe('the habits of people', () => {
  it('C1: are those of whom told the same, or else of a wider circle', () => {
    expect(segmentsOf(YOUNG)).toEqual([
      'age_band=18-24, gender=female',
      'age_band=18-24',
      'gender=female',
      '',
    ]);
    expect(segmentsOf({ region: 'Zhejiang' })).toEqual(['']);
    const segments = habitsSeen([...crowd(LEAST_PEOPLE, YOUNG, 12), ...crowd(2 * LEAST_PEOPLE, OLD, 1)]);
    expect(segments.map(({ segment, people }) => [segment, people])).toEqual([
      ['', 90],
      ['gender=female', 90],
      ['age_band=60+', 60],
      ['age_band=60+, gender=female', 60],
      ['age_band=18-24', 30],
      ['age_band=18-24, gender=female', 30],
    ]);
    const ratioOf = (traits: Traits) => habitsOf({ segments }, traits).prior.openRatio;
    expect(ratioOf(YOUNG)).toBeGreaterThan(ratioOf({ gender: 'female' }));
    expect(ratioOf({ gender: 'female' })).toBeGreaterThan(ratioOf(OLD));
    expect(habitsOf({ segments }, { age_band: '18-24', gender: 'male' }).segment).toBe('age_band=18-24');
    expect(habitsOf({ segments: [] }, YOUNG)).toBe(DEFAULT_HABITS);
    const { openCurve } = habitsOf({ segments }, YOUNG);
    expect(openCurve[15]).toBeGreaterThan(3 * (openCurve[9] ?? 0));
  });

  it('C1: of too few people are none, and there are never more than a server holds', () => {
    expect(habitsSeen(crowd(LEAST_PEOPLE - 1, YOUNG, 3))).toEqual([]);
    const many = Array.from({ length: 90 }, (_, n) => crowd(LEAST_PEOPLE, { age_band: `band-${n}` }, 3));
    const segments = habitsSeen(many.flat());
    expect(segments).toHaveLength(MAX_SEGMENTS);
    expect(segments[0]?.segment).toBe('');
    const cold = { ...learned(0), sendsLevel: 0 };
    expect(habitsSeen(Array.from({ length: 40 }, () => ({ traits: YOUNG, learned: cold })))).toEqual([]);
  });

  it('C1: are looked at once a day, and are in force once every server can know of them', async () => {
    const clock = steppableClock(NOON_MS);
    const ledger = new ScriptedLedger();
    const store = new MemoryTouchStore();
    const stored: StoredHabits[] = [];
    const habits = {
      since: async (fromMs: number) => stored.filter((one) => one.fromMs > fromMs),
      append: async (one: StoredHabits, { unlessAfterMs }: { unlessAfterMs: number }) => {
        if (stored.some(({ fromMs }) => fromMs > unlessAfterMs)) return false;
        stored.push(one);
        return true;
      },
    };
    const learning = { budget: { shadow: false } };
    const policies = [{ policy: aPolicy({ learning }), storedAtMs: 0 }];
    const history = new LearningHistory({
      policies: {
        learningSince: async (version) => policies.filter(({ policy }) => policy.version > version),
      },
      habits,
    });
    const peopleOf = async (userIds: readonly string[]) =>
      userIds.map((userId) => ({ homeId: userId, memberIds: [userId], timezone: 'UTC', traits: YOUNG }));
    const refresh = () => refreshHabits({ ledger, store, peopleOf, habits, history, clock });

    await refresh();
    expect(stored).toEqual([]);
    const userIds = Array.from({ length: 40 }, (_, n) => `user-${n}`);
    for (const userId of userIds) {
      await ledger.append([{ kind: 'committed', userId, permitId: 'p', atMs: NOON_MS, late: false }]);
    }
    await store.learn(userIds, async () => userIds.map(() => learned(12)));
    await refresh();
    expect(stored.map(({ fromMs }) => fromMs)).toEqual([NOON_MS + HABITS_NOTICE_MS]);
    const course = history.habitsOf(YOUNG);
    expect(course.at(NOON_MS)).toBe(DEFAULT_HABITS);
    expect(course.nextAfter(NOON_MS)).toBe(NOON_MS + HABITS_NOTICE_MS);
    expect(course.at(NOON_MS + HABITS_NOTICE_MS)).toMatchObject({
      segment: 'age_band=18-24, gender=female',
      people: 40,
    });
    expect(course.nextAfter(NOON_MS + HABITS_NOTICE_MS)).toBeUndefined();
    clock.stepMs(HABITS_HOLD_MS - 1);
    await refresh();
    expect(stored).toHaveLength(1);
    clock.stepMs(1);
    await refresh();
    expect(stored).toHaveLength(2);
  });
});
