import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const RUNNER = fileURLToPath(new URL('./runTypeScript.mjs', import.meta.url));

/** A TypeScript module that runs as a process of its own, to be killed. */
export interface Child {
  readonly process: ChildProcessByStdio<null, Readable, null>;
  /** What it prints, line by line, until it ends. A line cut off by a kill is not among them. */
  readonly lines: AsyncIterable<string>;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
}

/** Starts `module` (a URL such as `new URL('./child.ts', import.meta.url)`); it ends with the test. */
export function startChild(module: URL, args: readonly string[]): Child {
  const child = spawn(process.execPath, [RUNNER, fileURLToPath(module), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  onTestFinished(kill);
  return { process: child, lines: completeLines(child.stdout), kill };
}

async function* completeLines(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
