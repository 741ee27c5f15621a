import type { EpochMs } from '../core/time.js';
import { type CapCourse, fillAt } from './capCourse.js';
import { priorityOf, type TouchContent } from './touch.js';
import type { TouchRecord } from './userTouchLog.js';

/**
 * The reservations that give way to a touch where they stand in its way (C4): of strictly lower priority,
 * neither sent nor run out. The one to go first comes first: of the lowest priority, then the one reserved
 * last.
 */
export function reservationsBelow(
  records: readonly TouchRecord[],
  { content, nowMs }: { readonly content: TouchContent; readonly nowMs: EpochMs },
): TouchRecord[] {
  const priority = priorityOf(content);
  if (priority === 0) return [];
  return records
    .filter(
      ({ state, expiresAtMs, content: other }) =>
        state.status === 'reserved' && expiresAtMs > nowMs && priorityOf(other) < priority,
    )
    .reverse()
    .sort((a, b) => priorityOf(a.content) - priorityOf(b.content) || b.reservedAtMs - a.reservedAtMs);
}

/**
 * The fewest of those that give way without which all of these caps let the touch pass, as they do without
 * all of them. Of several choices as small, the one with the first that is in only one of them.
 */
export function fewestToTake(
  courses: readonly CapCourse[],
  { below, nowMs }: { readonly below: readonly TouchRecord[]; readonly nowMs: EpochMs },
): readonly TouchRecord[] {
  // Whoever keeps the touch waiting by a minimum gap must go, whatever else does.
  const inGap = below.filter((record) => courses.some((course) => isInGap(course, record, nowMs)));
  const others = below.filter((record) => !inGap.includes(record));
  for (let more = 0; more <= others.length; more += 1) {
    const found = search(new Set(inGap), { courses, others, more, nowMs });
    if (found !== undefined) return below.filter((record) => found.has(record));
  }
  return below;
}

/**
 * `more` of the others beside those taken, the first such choice by their order. What stands in the way of
 * the same caps, for the same promotions, is as good as another: where one leads nowhere, so do the later
 * ones. That, and what each cap lacks, keeps the search short where the caps in the way are few.
 */
function search(
  taken: ReadonlySet<TouchRecord>,
  {
    courses,
    others,
    more,
    nowMs,
  }: {
    readonly courses: readonly CapCourse[];
    readonly others: readonly TouchRecord[];
    readonly more: number;
    readonly nowMs: EpochMs;
  },
): ReadonlySet<TouchRecord> | undefined {
  const lacking = courses.reduce((most, course) => Math.max(most, lackOf(course, taken, nowMs)), 0);
  if (lacking === 0) return taken;
  if (lacking > more) return undefined;
  const tried = new Set<string>();
  for (const [i, record] of others.entries()) {
    const kind = kindOf(courses, record);
    if (tried.has(kind)) continue;
    tried.add(kind);
    const rest = { courses, others: others.slice(i + 1), more: more - 1, nowMs };
    const found = search(new Set(taken).add(record), rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Slots that are missing to the touch once these are taken. Each one taken frees one slot of a cap at most. */
function lackOf(course: CapCourse, taken: ReadonlySet<TouchRecord>, nowMs: EpochMs): number {
  const touches = course.touches.filter(({ record }) => !taken.has(record));
  const { used, held } = fillAt({ ...course, touches }, nowMs);
  return Math.max(0, used + held + 1 - course.rule.cap);
}

function isInGap({ touches }: CapCourse, record: TouchRecord, nowMs: EpochMs): boolean {
  return touches.some((touch) => touch.record === record && touch.gapUntilMs > nowMs);
}

function kindOf(courses: readonly CapCourse[], record: TouchRecord): string {
  return courses
    .map(({ touches, holds }) => {
      const touch = touches.find((counted) => counted.record === record);
      return touch === undefined ? '-' : touch.ofHolds.map((hold) => holds.indexOf(hold)).join();
    })
    .join(' ');
}
