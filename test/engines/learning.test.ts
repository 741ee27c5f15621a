import { afterAll, beforeAll, describe } from 'vitest';
import { learningConformance, learningOptions } from '../conformance/learning.js';
import { missingEngines, startEngines, type TestEngines } from '../support/engines.js';

const missing = missingEngines();

describe.skipIf(missing !== undefined)(`learning on real engines ${missing ?? ''}`, () => {
  let engines: TestEngines;
  beforeAll(async () => {
    engines = await startEngines();
  }, 60_000);
  afterAll(() => engines?.stop());

  learningConformance('two servers on PostgreSQL and Redis', (clock) => {
    const options = learningOptions(clock);
    return Promise.all([engines.openApp(options), engines.openApp(options)]);
  });
});
