import { describe, expect, it } from 'vitest';
import { window } from '../../src/core/time.js';
import { attribute } from '../../src/touch/attribution.js';
import { attributionWords } from '../../src/touch/attributionWords.js';
import type { ReachedTouch } from '../../src/touch/reachedTouches.js';
import { DAY } from './builders.js';

const WEEK = window(7 * DAY);

/** Touches at these moments, the last one first, named after their place in time. */
function touchesAt(...atMs: readonly number[]): ReachedTouch[] {
  return atMs
    .map((at, seq): ReachedTouch => {
      return { permitId: `${seq}`, userId: 'ann', channel: 'push', campaignType: 'routine', atMs: at, seq };
    })
    .reverse();
}

function ownerOf(orderedAtMs: number, ...atMs: readonly number[]): string {
  const found = attribute(touchesAt(...atMs), { orderedAtMs, windowMs: WEEK });
  return found.reason === 'first_in_window' ? found.first.permitId : found.reason;
}

describe('whose an order is', () => {
  it('C7: the touch that came first in the window owns all orders in it, from its moment to the last before the end', () => {
    for (const atMs of [0, 1, 3 * DAY, 7 * DAY - 1]) {
      expect(ownerOf(atMs, ...[0, DAY, 2 * DAY].filter((sent) => sent <= atMs))).toBe('0');
    }
    expect(ownerOf(7 * DAY, 0, DAY, 2 * DAY)).toBe('window_over');
  });

  it('C7: a touch in the window neither owns nor prolongs; the first after its end opens the next', () => {
    expect(ownerOf(8 * DAY, 0, 6 * DAY)).toBe('window_over');
    expect(ownerOf(8 * DAY, 0, 6 * DAY, 7 * DAY)).toBe('2');
    expect(ownerOf(14 * DAY, 0, 6 * DAY, 7 * DAY, 13 * DAY)).toBe('window_over');
    expect(ownerOf(15 * DAY, 0, 6 * DAY, 7 * DAY, 13 * DAY, 15 * DAY)).toBe('4');
  });

  it('C7: of touches at one moment the one that the ledger had first is the first', () => {
    expect(ownerOf(DAY, 5, 5, 5)).toBe('0');
  });

  it('C7: nobody owns the order of a person whom nothing had reached', () => {
    expect(ownerOf(DAY)).toBe('never_reached');
  });

  it('C7: tells the last touch beside the first, and says why in English and Chinese', () => {
    const touches = touchesAt(0, DAY, 2 * DAY);
    const owned = attribute(touches, { orderedAtMs: 3 * DAY, windowMs: WEEK });
    expect(owned).toMatchObject({ first: { permitId: '0' }, last: { permitId: '2' }, endMs: 7 * DAY });
    const over = attribute(touches, { orderedAtMs: 8 * DAY, windowMs: WEEK });
    expect(over).toMatchObject({ first: { permitId: '0' }, last: { permitId: '2' } });
    const never = attribute([], { orderedAtMs: 0, windowMs: WEEK });
    const words = [owned, over, never].map((found) =>
      attributionWords(found, { shopId: 'kiln', windowMs: WEEK }),
    );
    expect(words.map(({ en }) => en)).toEqual([
      'A message by push reached this person first, at 1970-01-01 00:00:00 (UTC): orders at kiln belong to it for 7 d, until 1970-01-08 00:00:00 (UTC).',
      'The window of 7 d that a message by push opened at 1970-01-01 00:00:00 (UTC) was over at 1970-01-08 00:00:00 (UTC), before the order: it belongs to none. What was sent within it, last at 1970-01-03 00:00:00 (UTC), opened no window.',
      'No message of kiln had been sent to this person before the order: it belongs to none.',
    ]);
    for (const { zh } of words) expect(zh).toMatch(/订单.*归属/);
  });
});
