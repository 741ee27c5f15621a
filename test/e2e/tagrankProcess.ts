import { runTagRank } from '../../src/cli/runTagRank.js';

/** What `src/main.ts` does, as a module that `runTypeScript.mjs` can run: its arguments come third. */
const code = await runTagRank(process.argv.slice(3), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stopRequested: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
    }),
});
process.exit(code);
