import type { Channel } from '../../../src/core/vocabulary.js';
import { isLeftAlone, type PlainWord, timeOfWord, wordsOfBoth } from './plainWords.js';

/** Who is whom (T7), and what each said of being left alone (C8). */
export class PlainPeople {
  #persons: ReadonlyMap<string, readonly string[]> = new Map();
  /** By id, what holds for its person. */
  #words: ReadonlyMap<string, readonly PlainWord[]> = new Map();
  /** By id, what was said under it. */
  #ownWords: ReadonlyMap<string, readonly PlainWord[]> = new Map();

  copy(): PlainPeople {
    const copy = new PlainPeople();
    copy.#persons = this.#persons;
    copy.#words = this.#words;
    copy.#ownWords = this.#ownWords;
    return copy;
  }

  /** All that is known, as text. */
  toString(): string {
    return JSON.stringify([[...this.#persons], [...this.#words], [...this.#ownWords]]);
  }

  /** Whether ids were linked, ever. */
  get hasLinks(): boolean {
    return this.#persons.size > 0;
  }

  idsOf(userId: string): readonly string[] {
    return this.#persons.get(userId) ?? [userId];
  }

  isLeftAlone({ userId, content }: { userId: string; content: { channel: Channel } }): boolean {
    return isLeftAlone(this.#words.get(userId) ?? [], content.channel);
  }

  /** For all ids of the person. */
  said(
    userId: string,
    { channel, leaveAlone, atMs, nowMs }: Omit<PlainWord, 'atMs'> & { atMs?: number; nowMs: number },
  ): void {
    const before = this.#words.get(userId) ?? [];
    const word: PlainWord = {
      ...(channel !== undefined && { channel }),
      leaveAlone,
      atMs: atMs ?? timeOfWord(before, nowMs),
    };
    this.#ownWords = withAll(this.#ownWords, [userId], [...(this.#ownWords.get(userId) ?? []), word]);
    this.#words = withAll(this.#words, this.idsOf(userId), [...before, word]);
  }

  linked(userId: string, otherId: string): void {
    const [some, others] = [this.idsOf(userId), this.idsOf(otherId)];
    if (some.includes(otherId)) return;
    const ids = [...some, ...others];
    this.#persons = withAll(this.#persons, ids, ids);
    const words = wordsOfBoth(this.#words.get(userId) ?? [], this.#words.get(otherId) ?? []);
    this.#words = withAll(this.#words, ids, words);
  }

  /**
   * What held for all goes on holding on both sides; an id's own refusal holds again, also one that came late, where
   * the call is repeated.
   */
  unlinked(userId: string): void {
    if (!this.#persons.has(userId)) return;
    const rest = this.idsOf(userId).filter((id) => id !== userId);
    const shared = this.#words.get(userId) ?? [];
    for (const side of [[userId], rest]) {
      this.#persons = withAll(this.#persons, side, side);
      const own = side.flatMap((id) => this.#ownWords.get(id) ?? []);
      this.#words = withAll(this.#words, side, wordsOfBoth(shared, own));
    }
  }
}

function withAll<Value>(
  map: ReadonlyMap<string, Value>,
  keys: readonly string[],
  value: Value,
): ReadonlyMap<string, Value> {
  return new Map([...map, ...keys.map((key) => [key, value] as const)]);
}
