import { describe, expect, it } from 'vitest';
import { goodHour } from '../../src/touch/goodHour.js';
import { goodHourWords, toleranceWords } from '../../src/touch/learnedWords.js';
import { DEFAULT_PRIOR } from '../../src/touch/segmentPrior.js';
import { coldTolerance, foldTolerance, readTolerance } from '../../src/touch/tolerance.js';
import { DAY, HOUR } from './builders.js';

const CONTEXT = { prior: DEFAULT_PRIOR, defaultPerDay: 0.5, unsubscribeCost: 60 };

describe('what was learned, in words', () => {
  it('C1: says the budget and what it was made of', () => {
    expect(toleranceWords(readTolerance(coldTolerance(CONTEXT), CONTEXT, 0)).en).toBe(
      'Nothing was sent yet: the default of 0.50 a day holds.',
    );
    const state = foldTolerance(
      [
        { kind: 'sent', atMs: 0, touchId: 'a' },
        { kind: 'soft_negative', atMs: 0, touchId: 'a' },
      ],
      CONTEXT,
    );
    const { en, zh } = toleranceWords(readTolerance(state, CONTEXT, 28 * DAY));
    expect(en).toContain('Learned budget 0.42 a day: of 0.5 sends');
    expect(en).toContain('0.0 were opened, 0.5 turned down');
    expect(zh).toContain('每天 0.42 条');
  });

  it('C1: names no share of opens above all of them', () => {
    const tolerance = readTolerance(coldTolerance(CONTEXT), CONTEXT, 0);
    const words = (floorRatio: number) =>
      toleranceWords({ ...tolerance, isCold: false, sends: 1, floorRatio });
    expect(words(1).en).toContain('and is worth its risk from 100.0 %.');
    expect(words(1).zh).toContain('高于 100.0 % 才值得发');
    expect(words(1.01).en).toContain('and no share of opens would be worth its risk.');
    expect(words(1.01).zh).toContain('任何打开率都不值得发');
  });

  it('C2: says which hour, why, and what the best one is', () => {
    const openRatio = Array.from({ length: 24 }, (_, hour) => (hour === 20 ? 0.4 : 0.1));
    const ask = (nowMs: number, explore?: number) =>
      goodHourWords(
        goodHour({
          profile: { openRatio },
          timezone: 'UTC',
          nowMs,
          quiet: [],
          ...(explore !== undefined && { explore }),
        }),
      ).en;
    expect(ask(20 * HOUR)).toBe('A good hour: 20:00 is opened with 40.0 %, the best (20:00) with 40.0 %.');
    expect(ask(9 * HOUR)).toBe(
      'Waits for 20:00, which is opened with 40.0 %; the best hour that it can wait for is 20:00 with 40.0 %.',
    );
    expect(ask(9 * HOUR, 12)).toContain('try another hour: 12:00');
  });
});
