import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/core/gate.js';

describe('a gate', () => {
  it('lets in so many at once, in the order of arrival, also past those that fail', async () => {
    const gate = new Gate(2);
    const begun: number[] = [];
    let inside = 0;
    let most = 0;
    const visits = Array.from({ length: 9 }, (_, i) =>
      gate.through(async () => {
        begun.push(i);
        inside += 1;
        most = Math.max(most, inside);
        for (let turns = 0; turns < (i * 7) % 4; turns += 1) await Promise.resolve();
        inside -= 1;
        if (i % 3 === 0) throw new Error('failed');
        return i;
      }),
    );
    const ended = await Promise.allSettled(visits);
    expect(most).toBe(2);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(3);
  });
});
