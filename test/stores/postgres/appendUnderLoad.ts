import { openTruth } from '../../../src/stores/postgres/openTruth.js';
import { aBehaviourToLog, NOON_MS } from '../../support/builders.js';

/**
 * A process that appends to the log and the ledger from many callers at once until it is killed, and
 * prints each call after its acknowledgement: `behaviours ID…` or `touch PERMIT`.
 * Arguments: data directory, a name that makes the ids of this run its own.
 */
const [dataDir, run] = process.argv.slice(-2) as [string, string];
const CALLERS = 24;

const truth = await openTruth({ dataDir });

async function track(caller: number): Promise<void> {
  for (let call = 0; ; call += 1) {
    const size = 1 + ((caller + call) % 12);
    const ids = Array.from({ length: size }, (_, index) => `${run}/${caller}/${call}/${index + 1}of${size}`);
    await truth.behaviourLog.append(ids.map((eventId) => aBehaviourToLog({ eventId })));
    console.log(`behaviours ${ids.join(' ')}`);
  }
}

async function touch(caller: number): Promise<void> {
  for (let call = 0; ; call += 1) {
    const permitId = `${run}/${caller}/${call}`;
    await truth.touchLedger.append([{ kind: 'released', userId: 'user-1', permitId, atMs: NOON_MS }]);
    console.log(`touch ${permitId}`);
  }
}

await Promise.all([
  ...Array.from({ length: CALLERS }, (_, caller) => track(caller)),
  ...Array.from({ length: CALLERS / 3 }, (_, caller) => touch(caller)),
]);
