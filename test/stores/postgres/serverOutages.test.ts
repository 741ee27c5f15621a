import { describe, expect, it } from 'vitest';
import type { BehaviourLog } from '../../../src/behaviour/behaviourLog.js';
import { UnavailableError } from '../../../src/core/errors.js';
import { aBehaviourToLog, aUser } from '../../support/builders.js';
import { canRunPostgres, serverTruths } from '../../support/serverTruths.js';

describe.runIf(canRunPostgres())('outages of a PostgreSQL server', () => {
  const server = serverTruths();

  it('a machine that hangs is unavailable within about two seconds, and used again when it is back', async () => {
    const truth = await server.emptyTruth();
    await truth.behaviourLog.append([aBehaviourToLog()]);
    const startMs = performance.now();
    server.postgres.pause();
    const calls = await Promise.allSettled([
      truth.behaviourLog.append([aBehaviourToLog()]),
      truth.behaviourLog.lastSeq(),
      truth.catalogStore.getProduct('product-1'),
      truth.userStore.upsertUsers([aUser()]),
    ]);
    for (const call of calls) expect(call).toMatchObject({ reason: expect.any(UnavailableError) });
    expect(performance.now() - startMs).toBeLessThan(5_000);
    server.postgres.resume();
    const [outcome] = await truth.behaviourLog.append([aBehaviourToLog()]);
    expect(outcome?.status).toBe('accepted');
  });

  it('a server that is gone is unavailable at once, and used again when it is back', async () => {
    const truth = await server.emptyTruth();
    const [before] = await truth.behaviourLog.append([aBehaviourToLog({ eventId: 'before' })]);
    await server.postgres.kill9();
    const startMs = performance.now();
    await expect(truth.behaviourLog.append([aBehaviourToLog()])).rejects.toThrow(UnavailableError);
    await expect(truth.userStore.getUser('user-1')).rejects.toThrow(UnavailableError);
    expect(performance.now() - startMs).toBeLessThan(3_000);
    await server.postgres.restart();
    const [again] = await truth.behaviourLog.append([aBehaviourToLog({ eventId: 'before' })]);
    expect(again).toEqual({ status: 'duplicate', seq: before!.seq });
  });

  it('closes in bounded time while the machine hangs', async () => {
    const truth = await server.emptyTruth();
    await truth.behaviourLog.lastSeq();
    server.postgres.pause();
    const startMs = performance.now();
    await truth.close();
    expect(performance.now() - startMs).toBeLessThan(3_000);
    server.postgres.resume();
  });

  it('loses nothing acknowledged, and counts nothing twice, over kill -9 of the server under load', async () => {
    const url = await server.postgres.createDatabase();
    const truths = await Promise.all([server.emptyTruth(url), server.emptyTruth(url)]);
    const acknowledged = new Map<string, number>();
    let refused = 0;
    let stopping = false;
    const caller = async (log: BehaviourLog, name: string): Promise<void> => {
      for (let call = 0; !stopping; call += 1) {
        const given = Array.from({ length: 1 + (call % 7) }, (_, n) =>
          aBehaviourToLog({ eventId: `${name}/${call}/${n}` }),
        );
        // As a client does: the same events again until they are acknowledged.
        for (let done = false; !done && !stopping; ) {
          try {
            const outcomes = await log.append(given);
            given.forEach(({ behaviour }, n) => {
              acknowledged.set(behaviour.eventId, outcomes[n]!.seq);
            });
            done = true;
          } catch (error) {
            expect(error).toBeInstanceOf(UnavailableError);
            refused += 1;
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }
      }
    };
    const callers = truths.flatMap(({ behaviourLog }, pool) =>
      Array.from({ length: 8 }, (_, n) => caller(behaviourLog, `${pool}-${n}`)),
    );
    for (const workMs of [400, 900, 200]) {
      await new Promise((resolve) => setTimeout(resolve, workMs));
      const before = acknowledged.size;
      await server.postgres.kill9();
      await server.postgres.restart();
      expect(before).toBeGreaterThan(0);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    stopping = true;
    await Promise.all(callers);

    const logged = new Map<string, number>();
    let rows = 0;
    for (let afterSeq = 0; ; ) {
      const page = await truths[0]!.behaviourLog.read({ afterSeq, limit: 1_000 });
      if (page.length === 0) break;
      for (const { behaviour, seq } of page) logged.set(behaviour.eventId, seq);
      rows += page.length;
      afterSeq = page.at(-1)!.seq;
    }
    expect(logged.size).toBe(rows);
    expect([...acknowledged].filter(([id, seq]) => logged.get(id) !== seq)).toEqual([]);
    console.log(`${acknowledged.size} acknowledged, ${refused} calls refused, over 3 kills of PostgreSQL`);
  });
});
