/** What `createGroupCommit` needs to know. */
export interface GroupCommitOptions<Item, Outcome> {
  /** Writes the items in one transaction and answers with an outcome an item, in order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  /** Whether a failure says nothing of the calls: the engine is gone, and would be for each of them alone. */
  readonly isOutage: (error: unknown) => boolean;
  /** A transaction takes no further call once it has this many items; a larger call goes alone. */
  readonly maxItems: number;
}

interface Call<Item, Outcome> {
  readonly items: readonly Item[];
  readonly resolve: (outcomes: Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets concurrent calls share transactions: while one is under way the next calls gather, and go
 * together when it ends. The answer is a function that takes the items of one call and resolves,
 * after the commit, with that call's outcomes only.
 *
 * - Calls are committed in the order in which they came, and their items in the order given; a call
 *   is never split. A call without items is answered at once.
 * - When a shared transaction fails its calls are retried one by one, so that one bad call fails
 *   alone. What a lost answer had committed is then written again: `commit` must bear that.
 * - In an outage nobody is retried: the calls under way and those that wait are rejected at once, or
 *   the last of them would hear of it only when each before it has waited for a dead engine.
 */
export function createGroupCommit<Item, Outcome>(
  options: GroupCommitOptions<Item, Outcome>,
): (items: readonly Item[]) => Promise<Outcome[]> {
  const waiting: Call<Item, Outcome>[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      // One turn of the event loop: callers that the last commit answered come again, and what
      // arrived from the network meanwhile joins; nor can a long queue hold up the rest of the process.
      await new Promise((resolve) => setImmediate(resolve));
      const group = takeGroup(waiting, options.maxItems);
      const outage = await commitTogether(group, options);
      if (outage !== undefined) for (const call of waiting.splice(0)) call.reject(outage.error);
    }
    running = false;
  }

  return (items) => {
    if (items.length === 0) return Promise.resolve([]);
    return new Promise<Outcome[]>((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      if (!running) void run();
    });
  };
}

function takeGroup<Item, Outcome>(waiting: Call<Item, Outcome>[], maxItems: number): Call<Item, Outcome>[] {
  let calls = 0;
  let items = 0;
  for (const call of waiting) {
    if (calls > 0 && items + call.items.length > maxItems) break;
    calls += 1;
    items += call.items.length;
  }
  return waiting.splice(0, calls);
}

/** Answers the calls; resolves with the error when it is that of an outage. */
async function commitTogether<Item, Outcome>(
  calls: readonly Call<Item, Outcome>[],
  options: GroupCommitOptions<Item, Outcome>,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    const outcomes = await options.commit(calls.flatMap((call) => call.items));
    let start = 0;
    for (const call of calls) {
      call.resolve(outcomes.slice(start, start + call.items.length));
      start += call.items.length;
    }
    return undefined;
  } catch (error) {
    const isOutage = options.isOutage(error);
    if (isOutage || calls.length === 1) {
      for (const call of calls) call.reject(error);
      return isOutage ? { error } : undefined;
    }
    for (const [index, call] of calls.entries()) {
      const outage = await commitTogether([call], options);
      if (outage === undefined) continue;
      for (const later of calls.slice(index + 1)) later.reject(outage.error);
      return outage;
    }
    return undefined;
  }
}
