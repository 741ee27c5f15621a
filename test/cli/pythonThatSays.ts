import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../support/tempDir.js';

/** A program that stands in for Python: it complains and fails. */
export function pythonThatSays(complaint: string): string {
  const path = join(tempDir(), 'python');
  writeFileSync(path, `#!/bin/sh\necho "${complaint}" >&2\nexit 1\n`);
  chmodSync(path, 0o755);
  return path;
}
