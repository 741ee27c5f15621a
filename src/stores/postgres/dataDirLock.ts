import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FailedPreconditionError } from '../../core/errors.js';
import { SECOND_MS } from '../../core/time.js';
import { isAlive, ownIdentity, type ProcessIdentity } from './processIdentity.js';

const LOCK_FILE = 'tagrank.lock';
/** The holder touches its lock this often… */
const HEARTBEAT_MS = 5 * SECOND_MS;
/** …and one on another host (a shared volume), whose pid says nothing here, is dead after this long. */
const FOREIGN_TTL_MS = 60 * SECOND_MS;

interface LockRecord extends ProcessIdentity {
  /** Differs for every lock ever taken. */
  readonly token: string;
}

/** A data directory that this process alone may open. */
export interface DataDirLock {
  release(): void;
}

/**
 * Takes the lock of a data directory: two processes that write one PGlite directory destroy it, and
 * PGlite does not look. Throws `FailedPreconditionError` when another process, or this one, has it.
 * The lock of a process that is dead, however it died, is taken over.
 */
export function lockDataDir(dataDir: string): DataDirLock {
  const path = join(dataDir, LOCK_FILE);
  const own: LockRecord = { ...ownIdentity(), token: randomUUID() };
  const draft = `${path}.${own.token}`;
  writeFileSync(draft, JSON.stringify(own));
  try {
    // The second attempt follows a takeover; whoever is faster then has it.
    if (!tryLink(draft, path)) {
      removeStale(path, dataDir);
      if (!tryLink(draft, path)) throw inUse(dataDir, readLock(path));
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const heartbeat = setInterval(() => touch(path), HEARTBEAT_MS);
  heartbeat.unref();
  return {
    release: () => {
      clearInterval(heartbeat);
      if (readLock(path)?.token === own.token) rmSync(path, { force: true });
    },
  };
}

/** A link appears with its content, in one step, or not at all. */
function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(path: string, dataDir: string): void {
  const judged = readLock(path);
  if (judged !== undefined && isHeld(path, judged)) throw inUse(dataDir, judged);
  // Another process may have taken over meanwhile: only what was judged may go, anything else goes back.
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readLock(aside)?.token !== judged?.token) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function isHeld(path: string, holder: LockRecord): boolean {
  if (holder.host === ownIdentity().host) return isAlive(holder);
  return Date.now() - modifiedAtMs(path) < FOREIGN_TTL_MS;
}

/** Undefined when there is no lock, or one that a crash of the machine left without content. */
function readLock(path: string): LockRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockRecord;
  } catch {
    return undefined;
  }
}

function modifiedAtMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // The directory is gone: nobody is left to be kept out of it.
  }
}

function inUse(dataDir: string, holder: LockRecord | undefined): FailedPreconditionError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new FailedPreconditionError(
    `data directory ${dataDir} is in use by ${who}; stop it, or use another`,
  );
}
