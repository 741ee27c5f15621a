#!/usr/bin/env node
import { runTagRank } from './cli/runTagRank.js';

const code = await runTagRank(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stopRequested: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
    }),
});
// Not left to run dry: a timer or socket of a library must not keep an ended command alive.
process.exit(code);
