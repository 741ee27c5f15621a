import type { EpochMs } from '../../core/time.js';
import type { SqlQueries } from './sql.js';
import { wellFormed } from './text.js';

/** The groups that ids belong to, with all their ids in the order of bytes. */
const GROUPS_OF = `
  SELECT user_id, person_id, kind, linked_at_ms FROM identities
  WHERE person_id IN (SELECT person_id FROM identities WHERE user_id = ANY ($1::text[]))
  ORDER BY user_id`;

/**
 * Everybody in a group that won or lost an id gets a new seq, also whose row stays as it is: what
 * followers keep of an id names the whole group.
 */
const PUT = `
  INSERT INTO identities (user_id, person_id, kind, linked_at_ms, change_seq)
  SELECT user_id, person_id, kind, linked_at_ms, nextval('people_change_seq')
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS given (user_id, person_id, kind, linked_at_ms)
  ON CONFLICT (user_id) DO UPDATE SET
    person_id = excluded.person_id, kind = excluded.kind, linked_at_ms = excluded.linked_at_ms,
    change_seq = excluded.change_seq`;

const SET_KIND = 'UPDATE identities SET kind = $2 WHERE user_id = $1 AND kind IS DISTINCT FROM $2';

const RECORD = `
  INSERT INTO identity_history
    (seq, action, user_id, other_id, kind, at_ms, from_person_id, to_person_id, moved_ids)
  VALUES (nextval('people_change_seq'), $1, $2, $3, $4, $5, $6, $7, $8::text[])`;

/** A row of `identities`. */
export interface Member {
  readonly userId: string;
  readonly personId: string;
  readonly kind: string | null;
  readonly linkedAtMs: EpochMs;
}

/** A link or unlink that changed something. */
export interface IdentityHistoryEntry {
  readonly action: 'link' | 'unlink';
  readonly userId?: string;
  readonly otherId: string;
  readonly kind?: string;
  readonly atMs: EpochMs;
  readonly fromPersonId: string;
  readonly toPersonId: string;
  readonly movedIds: readonly string[];
}

/** The rows of all groups that these ids belong to. */
export async function groupsOf(queries: SqlQueries, userIds: readonly string[]): Promise<Member[]> {
  const rows = await queries.query<{
    user_id: string;
    person_id: string;
    kind: string | null;
    linked_at_ms: EpochMs;
  }>(GROUPS_OF, [userIds]);
  return rows.map((row) => ({
    userId: row.user_id,
    personId: row.person_id,
    kind: row.kind,
    linkedAtMs: row.linked_at_ms,
  }));
}

export async function setKind(
  queries: SqlQueries,
  { userId, kind }: { readonly userId: string; readonly kind: string },
): Promise<void> {
  await queries.query(SET_KIND, [userId, wellFormed(kind)]);
}

export async function putMembers(queries: SqlQueries, members: readonly Member[]): Promise<void> {
  await queries.query(PUT, [
    members.map((member) => member.userId),
    members.map((member) => member.personId),
    members.map((member) => member.kind && wellFormed(member.kind)),
    members.map((member) => member.linkedAtMs),
  ]);
}

export async function recordIdentity(queries: SqlQueries, entry: IdentityHistoryEntry): Promise<void> {
  await queries.query(RECORD, [
    entry.action,
    entry.userId ?? null,
    entry.otherId,
    entry.kind === undefined ? null : wellFormed(entry.kind),
    entry.atMs,
    entry.fromPersonId,
    entry.toPersonId,
    entry.movedIds,
  ]);
}
