import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock: enough to tell a living process from a dead one whose pid was given out again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in a form that only the same process has; empty where it cannot be told. */
  readonly startedAt: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), startedAt: startOf(process.pid) };
}

/** Whether the process runs, as far as this host can tell. Only for identities of the same host. */
export function isAlive(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = processStat(identity.pid);
  if (stat === undefined) return true;
  // Dead, but not yet collected by its parent: in a container without an init that may be for ever.
  if (stat.state === 'Z' || stat.state === 'X') return false;
  return identity.startedAt === '' || stat.startedAt === identity.startedAt;
}

function startOf(pid: number): string {
  return processStat(pid)?.startedAt ?? '';
}

/**
 * What Linux tells of a process; undefined elsewhere. It started at a boot and a clock tick of it, so
 * a container's pid 1 differs from the one before it.
 */
function processStat(pid: number): { readonly state: string; readonly startedAt: string } | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Counted from behind the command's closing bracket: the state is field 3, the start time field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedAt: `${boot}/${fields[19]}` };
  } catch {
    return undefined;
  }
}
