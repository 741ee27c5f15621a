import { Nap } from '../core/nap.js';
import { type RefreshHabitsDeps, refreshHabits } from '../touch/refreshHabits.js';

/** How soon a server knows of habits that another put into force: well before they are (`HABITS_NOTICE_MS`). */
const LOOK_EVERY_MS = 30_000;

/** Keeps this process's idea of people's habits that of the truth, and looks at people when it is time. */
export class HabitsWatch {
  readonly #deps: RefreshHabitsDeps & { readonly onTrouble: (cause: unknown) => void };
  readonly #nap = new Nap();
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(deps: RefreshHabitsDeps & { readonly onTrouble: (cause: unknown) => void }) {
    this.#deps = deps;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#nap.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      await refreshHabits(this.#deps).catch(this.#deps.onTrouble);
      if (!this.#stopping) await this.#nap.sleep(LOOK_EVERY_MS);
    }
  }
}
