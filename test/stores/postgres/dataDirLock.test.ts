import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { FailedPreconditionError } from '../../../src/core/errors.js';
import { lockDataDir } from '../../../src/stores/postgres/dataDirLock.js';
import { ownIdentity } from '../../../src/stores/postgres/processIdentity.js';
import { startChild } from '../../support/childProcess.js';
import { tempDir } from '../../support/tempDir.js';

const CHILD = new URL('./holdDataDirLock.ts', import.meta.url);

function writeLock(dataDir: string, record: object): string {
  const path = join(dataDir, 'tagrank.lock');
  writeFileSync(path, JSON.stringify({ ...ownIdentity(), token: 'somebody else', ...record }));
  return path;
}

it('is held until it is released, and leaves nothing behind', () => {
  const dataDir = tempDir();
  const lock = lockDataDir(dataDir);
  expect(() => lockDataDir(dataDir)).toThrow(FailedPreconditionError);
  lock.release();
  expect(readdirSync(dataDir)).toEqual([]);
  lockDataDir(dataDir).release();
});

it('is refused while another process lives, and taken over when that one was killed', async () => {
  const dataDir = tempDir();
  const child = startChild(CHILD, [dataDir]);
  for await (const line of child.lines) {
    expect(line).toBe('locked');
    break;
  }
  expect(() => lockDataDir(dataDir)).toThrow(`in use by process ${child.process.pid}`);
  await child.kill();
  const lock = lockDataDir(dataDir);
  expect(JSON.parse(readFileSync(join(dataDir, 'tagrank.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  lock.release();
  expect(readdirSync(dataDir)).toEqual([]);
});

it.runIf(process.platform === 'linux')('is taken over when the pid was given to another process', () => {
  const dataDir = tempDir();
  writeLock(dataDir, { startedAt: 'an earlier boot/1' });
  lockDataDir(dataDir).release();
});

it.runIf(process.platform === 'linux')(
  'is taken over when its process is dead but not collected',
  async () => {
    const dataDir = tempDir();
    // The shell becomes a sleep that never collects its child; the child lives until that has happened.
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill());
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    await vi.waitUntil(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), { timeout: 20_000 });
    writeLock(dataDir, { pid, startedAt: '' });
    lockDataDir(dataDir).release();
  },
);

it('is taken over when the machine lost its content', () => {
  const dataDir = tempDir();
  writeFileSync(join(dataDir, 'tagrank.lock'), '');
  lockDataDir(dataDir).release();
});

it('held on another host is respected as long as its heartbeat is fresh', () => {
  const dataDir = tempDir();
  const path = writeLock(dataDir, { host: 'elsewhere' });
  expect(() => lockDataDir(dataDir)).toThrow('on elsewhere');
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(path, longAgo, longAgo);
  lockDataDir(dataDir).release();
});

it('does not remove a lock that somebody else took over', () => {
  const dataDir = tempDir();
  const lock = lockDataDir(dataDir);
  const path = writeLock(dataDir, {});
  lock.release();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ token: 'somebody else' });
});

it('goes to one of several processes that find a dead one’s lock at once', async () => {
  const dataDir = tempDir();
  writeLock(dataDir, { pid: 2 ** 22 + 1, startedAt: 'dead' });
  const children = Array.from({ length: 4 }, () => startChild(CHILD, [dataDir]));
  const firstLines = await Promise.all(
    children.map(async ({ lines }) => {
      for await (const line of lines) return line;
      return 'nothing';
    }),
  );
  expect(firstLines.sort()).toEqual(['locked', 'refused', 'refused', 'refused']);
});
