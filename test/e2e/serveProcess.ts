import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { createClient, type TagRankClient } from '../../src/server/client.js';

const RUNNER = fileURLToPath(new URL('../support/runTypeScript.mjs', import.meta.url));
const TAGRANK = fileURLToPath(new URL('./tagrankProcess.ts', import.meta.url));

/** A real `tagrank serve`, ready to be asked. */
export interface ServeProcess {
  readonly address: string;
  readonly client: TagRankClient;
  /** Each log line so far. */
  readonly log: readonly Record<string, unknown>[];
  /** Sends the signal, and resolves with how the process ended. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<{ code: number | null; signal: string | null }>;
}

/** Starts `tagrank serve` on a free port; it is gone when the test is. */
export async function startServe(env: Readonly<Record<string, string>>): Promise<ServeProcess> {
  const child = spawn(process.execPath, [RUNNER, TAGRANK, 'serve'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TAGRANK_LISTEN: '127.0.0.1:0', TAGRANK_LOG_LEVEL: 'info', ...env },
  });
  const gone = once(child, 'exit') as Promise<[number | null, string | null]>;
  const log: Record<string, unknown>[] = [];
  const address = await new Promise<string>((resolve, reject) => {
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const entry = JSON.parse(line) as Record<string, unknown>;
        log.push(entry);
        if (entry.msg === 'listening') resolve(String(entry.address));
      }
    });
    void gone.then(([code]) => reject(new Error(`tagrank serve ended with ${code} before it listened`)));
  });
  const client = createClient(address, { deadlineMs: 60_000 });
  onTestFinished(async () => {
    client.close();
    child.kill('SIGKILL');
    await gone;
  });
  await client.ready();
  return {
    address,
    client,
    log,
    async end(signal) {
      child.kill(signal);
      const [code, by] = await gone;
      return { code, signal: by };
    },
  };
}
