/** What `createGroupCommit` needs to know. */
export interface GroupCommitOptions<Item, Outcome> {
  /** Writes the items in one transaction and answers with an outcome an item, in order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Outcome[]>;
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
      await commitTogether(takeGroup(waiting, options.maxItems), options.commit);
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

async function commitTogether<Item, Outcome>(
  calls: readonly Call<Item, Outcome>[],
  commit: GroupCommitOptions<Item, Outcome>['commit'],
): Promise<void> {
  try {
    const outcomes = await commit(calls.flatMap((call) => call.items));
    let start = 0;
    for (const call of calls) {
      call.resolve(outcomes.slice(start, start + call.items.length));
      start += call.items.length;
    }
  } catch (error) {
    if (calls.length === 1) {
      calls[0]!.reject(error);
      return;
    }
    for (const call of calls) await commitTogether([call], commit);
  }
}
