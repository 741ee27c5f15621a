import { expect, it } from 'vitest';
import type { BehaviourLog } from '../../src/behaviour/behaviourLog.js';
import { watchTruth } from '../../src/cli/watchTruth.js';

function truthThat(lastSeq: () => Promise<number>) {
  return { behaviourLog: { lastSeq } as BehaviourLog };
}

it('tells that the truth is dead after three failures in a row, and not before', async () => {
  const answers = ['fails', 'fails', 'answers', 'fails', 'fails', 'fails'];
  let asked = 0;
  const truth = truthThat(async () => {
    if (answers[asked++] === 'answers') return 7;
    throw new Error(`failure ${asked}`);
  });
  const keepAlive = setInterval(() => {}, 1_000);
  const { dead } = watchTruth(truth, { everyMs: 1 });
  expect((await dead).message).toBe('failure 6');
  clearInterval(keepAlive);
});

it('asks no more once it is stopped', async () => {
  let asked = 0;
  const watch = watchTruth(
    truthThat(async () => ++asked),
    { everyMs: 1 },
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  watch.stop();
  const sofar = asked;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked).toBe(sofar);
});
