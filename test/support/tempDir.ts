import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A fresh directory that goes when the test that asked for it is over. */
export function tempDir(): string {
  const directory = makeDirectory();
  onTestFinished(() => remove(directory));
  return directory;
}

/** A fresh directory that goes when the test file that asked for it, outside of a test, is over. */
export function tempDirOfFile(): string {
  const directory = makeDirectory();
  afterAll(() => remove(directory));
  return directory;
}

function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'tagrank-test-'));
}

function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
