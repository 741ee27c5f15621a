import { Nap } from '../core/nap.js';
import type { Clock } from '../core/time.js';
import type { Traits } from '../core/traits.js';
import type { Truth } from '../stores/postgres/openTruth.js';
import type { HabitsCourse } from '../touch/habitsCourse.js';
import { createLearner, learnedOfBy } from '../touch/learner.js';
import { LearningHistory } from '../touch/learningHistory.js';
import type { TouchStore } from '../touch/touchStore.js';
import { HabitsWatch } from './habitsWatch.js';
import { createLearnerPeople } from './learnerPeople.js';

/** Entries of one step. */
const PAGE_ROWS = 1_000;
/** How long it sleeps when nobody wakes it, and where nothing is to be learned. */
const IDLE_MS = 250;
const OFF_MS = 1_000;

/** Learning in a process that keeps all touch logs itself. */
export interface EmbeddedLearning {
  /** The ledger has grown. */
  onTouchesLogged(): void;
  habitsOf(traits: Traits): HabitsCourse;
  /** Learns of everybody, and goes on from there until `stop`. */
  start(): Promise<void>;
  /** What the truth says of these people changed. */
  changed(userIds: Iterable<string>): void;
  stop(): Promise<void>;
}

export function createEmbeddedLearning({
  truth,
  store,
  clock,
  onTrouble,
}: {
  truth: Truth;
  store: TouchStore;
  clock: Clock;
  onTrouble: (cause: unknown) => void;
}): EmbeddedLearning {
  const peopleOf = createLearnerPeople({ identities: truth.identityStore, users: truth.userStore });
  const history = new LearningHistory({ policies: truth.touchPolicyStore, habits: truth.habitsStore });
  const { touchLedger } = truth;
  const learner = createLearner({ store, ledger: touchLedger, peopleOf, times: () => history.times() });
  const habits = new HabitsWatch({
    ledger: touchLedger,
    store,
    peopleOf,
    habits: truth.habitsStore,
    history,
    clock,
    onTrouble,
  });
  const nap = new Nap();
  let running: Promise<void> | undefined;
  let stopping = false;
  let seq: number | undefined;
  const changed = new Set<string>();

  async function learnAll(): Promise<void> {
    const toSeq = await touchLedger.lastSeq();
    for await (const homeIds of learner.homes(() => true)) await learner.learn(homeIds);
    seq = toSeq;
  }

  /** Whether there may be more. */
  async function step(): Promise<boolean> {
    const news = [...changed];
    if (seq === undefined) await learnAll();
    else await learner.learn(news);
    for (const userId of news) changed.delete(userId);
    const entries = await touchLedger.read({ afterSeq: seq ?? 0, limit: PAGE_ROWS });
    await learner.learn([...new Set(entries.flatMap(learnedOfBy))]);
    seq = entries.at(-1)?.seq ?? seq;
    return entries.length === PAGE_ROWS;
  }

  async function run(): Promise<void> {
    while (!stopping) {
      let [isOn, isMore] = [true, false];
      try {
        isOn = await learner.isOn();
        if (isOn) isMore = await step();
        else changed.clear();
      } catch (cause) {
        onTrouble(cause);
      }
      if (!isMore && !stopping) await nap.sleep(isOn ? IDLE_MS : OFF_MS);
    }
  }

  return {
    onTouchesLogged: () => nap.wake(),
    habitsOf: (traits) => history.habitsOf(traits),
    async start() {
      if (await learner.isOn()) await step();
      habits.start();
      running ??= run();
    },
    changed(userIds) {
      for (const userId of userIds) changed.add(userId);
      nap.wake();
    },
    async stop() {
      stopping = true;
      nap.wake();
      await running;
      await habits.stop();
    },
  };
}
