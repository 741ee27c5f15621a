import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isQuiet, quietUntil } from '../../src/touch/quietHours.js';
import { HOUR, MINUTE } from './builders.js';

const utc = (text: string) => Date.parse(`${text}Z`);
const NIGHT = { startMinute: 22 * 60, endMinute: 8 * 60 };

describe('quiet hours', () => {
  it('C2: run over midnight by the wall clock of the user', () => {
    expect(quietUntil(NIGHT, 'Asia/Shanghai', utc('2025-06-01T14:00'))).toBe(utc('2025-06-02T00:00'));
    expect(isQuiet(NIGHT, 'Asia/Shanghai', utc('2025-06-01T13:59:59.999'))).toBe(false);
    expect(quietUntil(NIGHT, 'UTC', utc('2025-06-01T14:00'))).toBe(utc('2025-06-01T14:00'));
  });

  it('C2: end where summer time skips their end', () => {
    // Berlin, 30 March 2025: 02:00 is followed by 03:00, at 01:00 UTC.
    const span = { startMinute: 60, endMinute: 150 };
    expect(quietUntil(span, 'Europe/Berlin', utc('2025-03-30T00:30'))).toBe(utc('2025-03-30T01:00'));
  });

  it('C2: hold again when the clock is set back into them', () => {
    // Berlin, 26 October 2025: 03:00 falls back to 02:00, at 01:00 UTC.
    const span = { startMinute: 60, endMinute: 150 };
    expect(quietUntil(span, 'Europe/Berlin', utc('2025-10-26T00:00'))).toBe(utc('2025-10-26T00:30'));
    expect(isQuiet(span, 'Europe/Berlin', utc('2025-10-26T00:45'))).toBe(false);
    expect(quietUntil(span, 'Europe/Berlin', utc('2025-10-26T01:00'))).toBe(utc('2025-10-26T01:30'));
  });

  it('C2: their end is the first minute that is not quiet, found by walking there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('America/Sao_Paulo', 'Africa/Cairo', 'Europe/Berlin', 'Australia/Lord_Howe', 'UTC'),
        fc.constantFrom(
          '2018-11-03T00:00',
          '2018-02-17T00:00',
          '2024-04-25T00:00',
          '2025-03-29T00:00',
          '2025-10-25T00:00',
        ),
        fc.integer({ min: 0, max: 72 * 4 }),
        fc.integer({ min: 0, max: 95 }),
        fc.integer({ min: 1, max: 95 }),
        (timezone, from, quarters, start, length) => {
          const span = { startMinute: start * 15, endMinute: ((start + length) % 96) * 15 };
          const atMs = utc(from) + quarters * 15 * MINUTE;
          let walked = atMs;
          while (isQuiet(span, timezone, walked)) walked += 15 * MINUTE;
          expect(quietUntil(span, timezone, atMs)).toBe(walked);
          // Two days where summer time skips the one quarter of an hour that is not quiet.
          expect(walked - atMs).toBeLessThan(50 * HOUR);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
