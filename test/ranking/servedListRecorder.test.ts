import { beforeEach, describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '../../src/core/errors.js';
import { ServedListRecorder } from '../../src/ranking/servedListRecorder.js';
import type { ServedList } from '../../src/ranking/servedListStore.js';

const aList = (rankId: string): ServedList => ({
  rankId,
  userId: 'ann',
  servedAtMs: 1,
  scene: 'home',
  level: 'full',
  modelVersion: 'm',
  items: [],
});

describe('the recorder of served lists', () => {
  let written: string[];
  let batches: number[];
  let isAway: boolean;
  let dropped: number;
  let recorder: ServedListRecorder;

  beforeEach(() => {
    vi.useFakeTimers();
    [written, batches, isAway, dropped] = [[], [], false, 0];
    recorder = new ServedListRecorder({
      store: {
        append: async (lists) => {
          if (isAway) throw new UnavailableError('gone');
          batches.push(lists.length);
          written.push(...lists.map(({ rankId }) => rankId));
        },
      },
      onDropped: (count) => {
        dropped += count;
      },
      onTrouble: () => {},
    });
    return () => vi.useRealTimers();
  });

  const record = (from: number, to: number) => {
    for (let i = from; i < to; i++) recorder.record(aList(`${i}`));
  };
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);

  it('writes many at once, a while later, each once and in order', async () => {
    record(0, 450);
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toEqual(names(0, 450));
    expect(batches).toEqual([200, 200, 50]);
  });

  it('writes what waited once the truth is back', async () => {
    isAway = true;
    record(0, 10);
    await vi.advanceTimersByTimeAsync(5_000);
    record(10, 12);
    isAway = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toEqual(names(0, 12));
    expect(dropped).toBe(0);
  });

  it('gives the oldest up before memory fills, and counts them', async () => {
    isAway = true;
    record(0, 20_100);
    isAway = false;
    await vi.advanceTimersByTimeAsync(300_000);
    expect(dropped).toBe(100);
    expect(written).toEqual(names(100, 20_100));
  });

  it('writes what waits when it closes', async () => {
    record(0, 250);
    await recorder.close();
    expect(written).toEqual(names(0, 250));
    record(250, 251);
    isAway = true;
    await recorder.close();
    expect(dropped).toBe(1);
  });
});
