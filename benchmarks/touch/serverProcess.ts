import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** A log to be replayed first takes its time. */
const START_MS = 300_000;

/** A server as an operator runs it: the built program in a process of its own. */
export interface ServerProcess {
  readonly address: string;
  readonly process: ChildProcessByStdio<null, Readable, null>;
  stop(): Promise<void>;
}

/** Starts it on engines that are running; resolves when it serves. */
export async function startServerProcess({
  redisUrl,
  postgresUrl,
}: {
  redisUrl: string;
  postgresUrl: string;
}): Promise<ServerProcess> {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      TAGRANK_LISTEN: '127.0.0.1:0',
      TAGRANK_REDIS_URL: redisUrl,
      TAGRANK_POSTGRES_URL: postgresUrl,
    },
  });
  const gone = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await gone;
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    const address = await Promise.race([
      listeningAddress(child.stdout),
      gone.then(() => Promise.reject(new Error('the server ended before it served'))),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('the server does not start')), START_MS);
      }),
    ]);
    return { address, process: child, stop };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** From its log; goes on reading, so that the pipe never fills. */
function listeningAddress(stdout: Readable): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const entry = JSON.parse(line) as { msg?: string; address?: string };
      if (entry.msg === 'listening') resolve(String(entry.address));
    });
  });
}
