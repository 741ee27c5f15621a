import { CHANNELS, type Channel } from '../../../src/core/vocabulary.js';

/** A word about being left alone, on a channel or on all. */
export interface PlainWord {
  readonly channel?: Channel;
  readonly leaveAlone: boolean;
  readonly atMs: number;
}

/** C8: the later of what was said of the channel and of all channels holds; of the same moment, leaving alone. */
export function isLeftAlone(words: readonly PlainWord[], channel: Channel): boolean {
  const own = words.filter((word) => word.channel === undefined || word.channel === channel);
  const lastMs = Math.max(...own.map(({ atMs }) => atMs));
  return own.some(({ atMs, leaveAlone }) => atMs === lastMs && leaveAlone);
}

/** C8, T7: of two who become one, whoever was left alone stays so, whatever the other said before. */
export function wordsOfBoth(some: readonly PlainWord[], others: readonly PlainWord[]): readonly PlainWord[] {
  const all = [...some, ...others];
  const atMs = Math.max(...all.map((word) => word.atMs));
  const kept = CHANNELS.filter(
    (channel) => isLeftAlone(some, channel) || isLeftAlone(others, channel),
  ).filter((channel) => !isLeftAlone(all, channel));
  return [...all, ...kept.map((channel): PlainWord => ({ channel, leaveAlone: true, atMs }))];
}

/** A word without a time of its own counts as said now, but after everything that was said before. */
export function timeOfWord(words: readonly PlainWord[], nowMs: number): number {
  return Math.max(nowMs, ...words.map(({ atMs }) => atMs + 1));
}
