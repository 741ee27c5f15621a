import { afterAll } from 'vitest';
import { type App, createApp } from '../../src/app.js';
import { learningConformance, learningOptions } from '../conformance/learning.js';

const log = { info: () => {}, warn: () => {} };
const opened: App[] = [];
afterAll(() => Promise.all(opened.map((app) => app.close())));

learningConformance('embedded', async (clock) => {
  const options = { dataDir: 'memory', maxCandidates: 2_000, log, ...learningOptions(clock) };
  opened.push(await createApp(options));
  return opened;
});
