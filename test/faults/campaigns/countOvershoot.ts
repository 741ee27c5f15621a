import type { RollingCap } from '../caps.js';
import type { Check } from '../checks/check.js';
import { type LedgerPermit, ledgerPermits } from '../checks/ledgerPermits.js';
import { type HeldSlot, overshotHolds, overshotWindows } from '../checks/overshoot.js';

/** What the ledger says that all campaigns did together. */
export interface LedgerCount {
  readonly permits: number;
  readonly committed: number;
  readonly released: number;
  /** Neither sent nor given back, or sent when they had run out. */
  readonly lapsed: number;
  /** People with as many messages as the tightest cap over all channels and shops allows. */
  readonly peopleAtTheCap: number;
  /** Moments at which some cap of somebody was exceeded. */
  readonly overshoot: number;
}

/**
 * Counts by brute force, from the ledger alone: each message against the window that ends with it, and each
 * permit against all that are held at the moment at which it was given out, for every person and cap.
 *
 * A permit bears the moment at which its decision began. Until that reached the log, `decidedWithinMs` at
 * most, another may have been given back there or have run out: such slots count until so long before.
 */
export async function countOvershoot({
  postgresUrl,
  caps,
  decidedWithinMs,
}: {
  postgresUrl: string;
  caps: readonly RollingCap[];
  decidedWithinMs: number;
}): Promise<{ count: LedgerCount; check: Check }> {
  const permits = await ledgerPermits(postgresUrl);
  const sent = permits.flatMap((permit) =>
    permit.sentAtMs === undefined ? [] : [{ ...permit, sentAtMs: permit.sentAtMs }],
  );
  const held = permits.map((permit) => slotOf(permit, decidedWithinMs));
  const found = [...overshotWindows(sent, caps), ...overshotHolds(held, caps)];
  const released = permits.filter(({ releasedAtMs }) => releasedAtMs !== undefined).length;
  return {
    count: {
      permits: permits.length,
      committed: permits.filter(({ isCommitted }) => isCommitted).length,
      released,
      lapsed: permits.length - released - sent.length,
      peopleAtTheCap: peopleAtTheCap(sent, caps),
      overshoot: found.length,
    },
    check: {
      name: 'caps, from the ledger by hand',
      compared: `${sent.length} messages and ${held.length} held slots, each in ${caps.length} caps`,
      violations: found.map(
        ({ ruleId, slots, atMs, count, cap }) =>
          `${ruleId} of ${slots}: ${count} instead of ${cap} at ${new Date(atMs).toISOString()}`,
      ),
    },
  };
}

function slotOf(permit: LedgerPermit, decidedWithinMs: number): HeldSlot {
  const { reservedAtMs, expiresAtMs, sentAtMs, releasedAtMs = expiresAtMs } = permit;
  const givenUpMs = Math.min(expiresAtMs, releasedAtMs) - decidedWithinMs;
  return {
    ...permit,
    fromMs: reservedAtMs,
    untilMs: ({ windowMs }) => (sentAtMs === undefined ? givenUpMs : sentAtMs + windowMs),
  };
}

function peopleAtTheCap(sent: readonly LedgerPermit[], caps: readonly RollingCap[]): number {
  const ofAll = caps.filter(({ scope }) => scope.length === 0).map(({ cap }) => cap);
  const counts = new Map<string, number>();
  for (const { userId } of sent) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  return [...counts.values()].filter((count) => count >= Math.min(...ofAll)).length;
}
