import { SECOND_MS } from '../../core/time.js';

/** How long a statement goes unanswered before somebody asks whether the server lives at all. */
const SILENCE_MS = SECOND_MS;
/** Of the time of a probe, so much went into this process's own work: it cannot have listened well. */
const BUSY = 0.8;

/** A statement under way. */
export interface WatchedStatement<Answer> {
  readonly answer: Promise<Answer>;
  /** Gives the connection up, which makes `answer` reject. */
  readonly hangUp: () => void;
}

/**
 * Tells a server that is slow from one that is gone. A machine that loses power, or a network that is
 * cut, sends nothing: the connection looks as it does while a long statement runs. So a statement
 * that is silent for a second makes `probe` connect anew; where that fails as well the connection is
 * given up, and where it answers the statement may go on, until `patienceMs` are over.
 */
export class ServerWatch {
  readonly #probe: () => Promise<void>;
  readonly #patienceMs: number;
  /** Shared by all that are silent at the moment. */
  #probing: Promise<void> | undefined;

  constructor(options: { readonly probe: () => Promise<void>; readonly patienceMs: number }) {
    this.#probe = options.probe;
    this.#patienceMs = options.patienceMs;
  }

  async over<Answer>({ answer, hangUp }: WatchedStatement<Answer>): Promise<Answer> {
    const giveUpAtMs = performance.now() + this.#patienceMs;
    let timer: NodeJS.Timeout | undefined;
    let answered = false;
    const look = async (): Promise<void> => {
      const lives = performance.now() < giveUpAtMs && (await this.#serverLives());
      if (answered) return;
      if (lives) timer = setTimeout(() => void look(), SILENCE_MS);
      else hangUp();
    };
    timer = setTimeout(() => void look(), SILENCE_MS);
    try {
      return await answer;
    } finally {
      answered = true;
      clearTimeout(timer);
    }
  }

  async #serverLives(): Promise<boolean> {
    const before = performance.eventLoopUtilization();
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    try {
      await this.#probing;
      return true;
    } catch {
      // To connect takes several turns of the event loop: where each of them is long, it is this process
      // that was silent. Nothing is known then, and it is looked at again.
      if (performance.eventLoopUtilization(before).utilization > BUSY) return true;
      // If this process was too busy to hear the probe, the answer itself may be waiting to be read.
      await new Promise((resolve) => setImmediate(resolve));
      return false;
    }
  }
}
