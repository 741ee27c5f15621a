import { FailedPreconditionError } from '../../core/errors.js';
import type { EpochMs } from '../../core/time.js';
import {
  type IdentityChange,
  type IdentityLink,
  type IdentityOutcome,
  type IdentityStore,
  MAX_IDS_A_PERSON,
  type PersonalId,
} from '../../identity/identityStore.js';
import { withoutNulls } from './columns.js';
import { groupsOf, type Member, putMembers, recordIdentity, setKind } from './identityRows.js';
import { readPage } from './pages.js';
import type { Sql, SqlQueries } from './sql.js';
import { valuesByGivenId, wellFormed } from './text.js';
import { takeWriteLock } from './writeLocks.js';

/** A row for each id of each person asked for, and one with NULLs for an id that has none. */
const MEMBERS_OF = `
  SELECT asked.id AS asked_id, own.user_id IS NOT NULL AS is_known, member.user_id, member.kind,
    member.linked_at_ms, member.change_seq
  FROM unnest($1::text[]) AS asked (id)
    LEFT JOIN identities AS own ON own.user_id = asked.id
    LEFT JOIN identities AS member ON member.person_id = asked.id
  ORDER BY asked.id, member.user_id`;

type MemberRow = {
  readonly asked_id: string;
  readonly is_known: boolean;
  readonly user_id: string | null;
  readonly kind: string | null;
  readonly linked_at_ms: EpochMs | null;
  readonly change_seq: number | null;
};

/** Who is whom, in PostgreSQL. Writers take turns (`writeLocks.ts`), so the changes that were read are final. */
export class PostgresIdentityStore implements IdentityStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async link({ kind, nowMs, ...given }: IdentityLink): Promise<IdentityOutcome> {
    const userId = wellFormed(given.userId);
    const otherId = wellFormed(given.otherId);
    return this.#write(async (queries) => {
      const groups = await groupsOf(queries, [userId, otherId]);
      const own = groupWith(groups, userId, nowMs);
      const other = groupWith(groups, otherId, nowMs);
      const [{ personId }] = own;
      if (personId === other[0].personId) {
        if (kind !== undefined) await setKind(queries, { userId: otherId, kind });
        return { personId, changed: false };
      }
      refuseTooMany(own.length + other.length);
      const moved = other.map((member) => ({
        ...member,
        personId,
        linkedAtMs: nowMs,
        kind: member.userId === otherId && kind !== undefined ? kind : member.kind,
      }));
      await putMembers(queries, [...own, ...moved]);
      await recordIdentity(queries, {
        action: 'link',
        userId,
        otherId,
        kind,
        atMs: nowMs,
        fromPersonId: other[0].personId,
        toPersonId: personId,
        movedIds: moved.map((member) => member.userId),
      });
      return { personId, changed: true };
    });
  }

  async unlink({ otherId: given, nowMs }: { otherId: string; nowMs: EpochMs }): Promise<IdentityOutcome> {
    const otherId = wellFormed(given);
    return this.#write(async (queries) => {
      const group = await groupsOf(queries, [otherId]);
      const leaving = group.find((member) => member.userId === otherId);
      const staying = group.filter((member) => member !== leaving);
      const [first] = staying;
      if (leaving === undefined || first === undefined) return { personId: otherId, changed: false };
      const entry = { action: 'unlink', otherId, atMs: nowMs, fromPersonId: leaving.personId } as const;
      const alone = { ...leaving, personId: otherId, linkedAtMs: nowMs };
      if (leaving.personId !== otherId) {
        await putMembers(queries, [...staying, alone]);
        await recordIdentity(queries, { ...entry, toPersonId: otherId, movedIds: [otherId] });
      } else {
        // The person was named after the id that leaves: it keeps the name, the rest take one of theirs.
        const toPersonId = first.userId;
        await putMembers(queries, [...staying.map((member) => ({ ...member, personId: toPersonId })), alone]);
        const movedIds = staying.map((member) => member.userId);
        await recordIdentity(queries, { ...entry, toPersonId, movedIds });
      }
      return { personId: otherId, changed: true };
    });
  }

  async personOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const ids = [...new Set(userIds.map(wellFormed))];
    if (ids.length === 0) return new Map();
    const rows = await this.#sql.query<{ user_id: string; person_id: string }>(
      'SELECT user_id, person_id FROM identities WHERE user_id = ANY ($1::text[])',
      [ids],
    );
    const persons = new Map(rows.map((row) => [row.user_id, row.person_id]));
    return valuesByGivenId(userIds, (id) => persons.get(id) ?? id);
  }

  async membersOf(personId: string): Promise<readonly PersonalId[]> {
    return (await this.membersOfAll([personId])).get(personId) ?? [];
  }

  async membersOfAll(personIds: readonly string[]): Promise<ReadonlyMap<string, readonly PersonalId[]>> {
    const ids = [...new Set(personIds.map(wellFormed))];
    if (ids.length === 0) return new Map();
    const rows = await readPage<MemberRow>(this.#sql, {
      select: MEMBERS_OF,
      orderBy: 'asked_id, user_id',
      values: [ids],
    });
    const members = new Map<string, PersonalId[]>(ids.map((id) => [id, []]));
    for (const row of rows) {
      const member = memberFromRow(row);
      if (member !== undefined) members.get(row.asked_id)?.push(member);
    }
    return valuesByGivenId(personIds, (id) => members.get(id));
  }

  async changes({ afterSeq, limit }: { afterSeq: number; limit: number }): Promise<IdentityChange[]> {
    const rows = await this.#sql.query<{ change_seq: number; user_id: string; person_id: string }>(
      `SELECT change_seq, user_id, person_id FROM identities
       WHERE change_seq > $1 ORDER BY change_seq LIMIT $2`,
      [afterSeq, limit],
    );
    return rows.map((row) => ({ seq: row.change_seq, userId: row.user_id, personId: row.person_id }));
  }

  async lastChangeSeq(): Promise<number> {
    const text = 'SELECT coalesce(max(change_seq), 0) AS seq FROM identities';
    const [row] = await this.#sql.query<{ seq: number }>(text);
    return row?.seq ?? 0;
  }

  #write(work: (queries: SqlQueries) => Promise<IdentityOutcome>): Promise<IdentityOutcome> {
    return this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'people');
      return work(queries);
    });
  }
}

/** The group of an id: at least the id itself. */
function groupWith(members: readonly Member[], userId: string, nowMs: EpochMs): [Member, ...Member[]] {
  const personId = members.find((member) => member.userId === userId)?.personId;
  const [first, ...rest] = members.filter((member) => member.personId === personId);
  if (first === undefined) return [{ userId, personId: userId, kind: null, linkedAtMs: nowMs }];
  return [first, ...rest];
}

function refuseTooMany(ids: number): void {
  if (ids <= MAX_IDS_A_PERSON) return;
  throw new FailedPreconditionError(
    `the person would have ${ids} ids, and at most ${MAX_IDS_A_PERSON} can be one person`,
  );
}

function memberFromRow({
  is_known,
  asked_id,
  user_id,
  kind,
  linked_at_ms,
  change_seq,
}: MemberRow): PersonalId | undefined {
  if (user_id === null) return is_known ? undefined : { userId: asked_id };
  return withoutNulls<PersonalId>({ userId: user_id, kind, linkedAtMs: linked_at_ms, seq: change_seq });
}
