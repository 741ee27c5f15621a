import { Writable } from 'node:stream';
import { runTagRank } from '../../src/cli/runTagRank.js';
import type { Environment } from '../../src/config.js';

/** `tagrank` in this process: how it ended and what it said. */
export async function tagrank(args: readonly string[], env: Environment = {}) {
  const stdout = new Collected();
  const stderr = new Collected();
  const code = await runTagRank(args, {
    env,
    stdout,
    stderr,
    stopRequested: () => new Promise(() => {}),
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Collected extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
