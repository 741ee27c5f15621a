import { expect, it } from 'vitest';
import type { BehaviourLog } from '../../../src/behaviour/behaviourLog.js';
import { openTruth } from '../../../src/stores/postgres/openTruth.js';
import type { TouchLedger } from '../../../src/touch/touchLedger.js';
import { startChild } from '../../support/childProcess.js';
import { tempDir } from '../../support/tempDir.js';

/** After how many acknowledged calls each round is killed: early, while it warms up, and well under way. */
const KILLED_AFTER_CALLS = [1, 300, 1_500];

it('loses nothing acknowledged, and no part of a call, over kill -9 under load', async () => {
  const dataDir = tempDir();
  const events = new Set<string>();
  const permits = new Set<string>();

  for (const [round, calls] of KILLED_AFTER_CALLS.entries()) {
    const child = startChild(new URL('./appendUnderLoad.ts', import.meta.url), [dataDir, `round-${round}`]);
    let seen = 0;
    for await (const line of child.lines) {
      const [kind, ...ids] = line.split(' ');
      for (const id of ids) (kind === 'behaviours' ? events : permits).add(id);
      seen += 1;
      // Not awaited: what was acknowledged before the kill arrived is still in the pipe, and counts.
      if (seen === calls) void child.kill();
    }
    await child.kill();
    expect(seen).toBeGreaterThanOrEqual(calls);

    const truth = await openTruth({ dataDir });
    const logged = await allEventIds(truth.behaviourLog);
    const inLog = new Set(logged);
    expect(inLog.size).toBe(logged.length);
    expect([...events].filter((id) => !inLog.has(id))).toEqual([]);
    expect(callsInPart(logged)).toEqual([]);
    const kept = await allPermits(truth.touchLedger);
    expect([...permits].filter((id) => !kept.has(id))).toEqual([]);
    await truth.close();
    // What was written without an answer is in the log for good: from now on it must stay.
    for (const id of logged) events.add(id);
    for (const id of kept) permits.add(id);
  }
  console.log(
    `${events.size} behaviours and ${permits.size} touches kept over ${KILLED_AFTER_CALLS.length} kills`,
  );
}, 180_000);

async function allEventIds(log: BehaviourLog): Promise<string[]> {
  const ids: string[] = [];
  for (let afterSeq = 0; ; ) {
    const page = await log.read({ afterSeq, limit: 1_000 });
    if (page.length === 0) return ids;
    ids.push(...page.map(({ behaviour }) => behaviour.eventId));
    afterSeq = page.at(-1)!.seq;
  }
}

async function allPermits(ledger: TouchLedger): Promise<Set<string>> {
  const entries = await ledger.read({ afterSeq: 0, limit: 1_000_000 });
  return new Set(entries.map((entry) => ('permitId' in entry ? String(entry.permitId) : '')));
}

/** Ids end in `…/INDEXofSIZE`: the calls of which some behaviours are there and some are not. */
function callsInPart(ids: readonly string[]): string[] {
  const seen = new Map<string, number>();
  const sizes = new Map<string, number>();
  for (const id of ids) {
    const call = id.slice(0, id.lastIndexOf('/'));
    seen.set(call, (seen.get(call) ?? 0) + 1);
    sizes.set(call, Number(id.slice(id.lastIndexOf('of') + 2)));
  }
  return [...seen].filter(([call, count]) => count !== sizes.get(call)).map(([call]) => call);
}
