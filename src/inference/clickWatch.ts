import type { EpochMs } from '../core/time.js';

/** A list that a model ranked. */
interface WatchedList {
  readonly version: string;
  readonly servedAtMs: EpochMs;
  isChosen: boolean;
}

interface Rate {
  lists: number;
  chosen: number;
}

/** How long after it a list is judged: who chooses something from a page does so soon. */
export const JUDGED_AFTER_MS = 10 * 60_000;
/** Lists that wait to be judged; the oldest are given up beyond it. */
const MOST_WAITING = 100_000;
/** Of fewer lists of either model nothing is said. */
const LEAST_LISTS = 1_000;
/** A fall by less than this part is none… */
const LEAST_FALL = 0.1;
/** …and one that could be chance, once in a thousand models, neither. */
const LEAST_Z = 3;

/**
 * Watches how often people choose something from a list (a behaviour that names its `rank_id`), by the model that
 * ranked it, and says when it fell with the last change of the model. Lists that were answered here alone: where
 * behaviours are told to other servers both models lose the same part of theirs.
 *
 * The test is that of two proportions, pooled (z below -3), on rates that both stand on at least 1,000 lists.
 */
export class ClickWatch {
  readonly #waiting = new Map<string, WatchedList>();
  readonly #rates = new Map<string, Rate>();
  #version: string | undefined;
  #before: string | undefined;

  served(rankId: string, version: string, nowMs: EpochMs): void {
    if (version !== this.#version) {
      this.#before = this.#version;
      this.#version = version;
      // What it did another time was in another season.
      this.#rates.set(version, { lists: 0, chosen: 0 });
      for (const known of this.#rates.keys()) {
        if (known !== version && known !== this.#before) this.#rates.delete(known);
      }
    }
    this.#waiting.set(rankId, { version, servedAtMs: nowMs, isChosen: false });
    if (this.#waiting.size <= MOST_WAITING) return;
    const [oldest] = this.#waiting.keys();
    this.#waiting.delete(oldest as string);
  }

  chosen(rankId: string): void {
    const list = this.#waiting.get(rankId);
    if (list !== undefined) list.isChosen = true;
  }

  /** Judges what has waited long enough; answers the reason in words where the model is to be taken back. */
  judge(nowMs: EpochMs): string | undefined {
    for (const [rankId, { version, servedAtMs, isChosen }] of this.#waiting) {
      if (nowMs - servedAtMs < JUDGED_AFTER_MS) break;
      this.#waiting.delete(rankId);
      const rate = this.#rates.get(version);
      if (rate === undefined) continue;
      rate.lists += 1;
      if (isChosen) rate.chosen += 1;
    }
    const now = this.#version === undefined ? undefined : this.#rates.get(this.#version);
    const before = this.#before === undefined ? undefined : this.#rates.get(this.#before);
    if (now === undefined || before === undefined) return undefined;
    if (now.lists < LEAST_LISTS || before.lists < LEAST_LISTS) return undefined;
    const [rate, rateBefore] = [now.chosen / now.lists, before.chosen / before.lists];
    const pooled = (now.chosen + before.chosen) / (now.lists + before.lists);
    const error = Math.sqrt(pooled * (1 - pooled) * (1 / now.lists + 1 / before.lists));
    if (rate > (1 - LEAST_FALL) * rateBefore || (rateBefore - rate) / error < LEAST_Z) return undefined;
    const percent = (ratio: number) => `${(100 * ratio).toFixed(1)} %`;
    return `people chose something from ${percent(rate)} of ${now.lists} lists, with the one before it from ${percent(rateBefore)} of ${before.lists}`;
  }
}
