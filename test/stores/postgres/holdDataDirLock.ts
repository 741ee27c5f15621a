import { lockDataDir } from '../../../src/stores/postgres/dataDirLock.js';

/** A process that takes the lock of the directory named by its last argument and keeps it until killed. */
try {
  lockDataDir(process.argv.at(-1)!);
  console.log('locked');
} catch {
  console.log('refused');
}
setInterval(() => undefined, 60_000);
