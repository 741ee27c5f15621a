import { FailedPreconditionError } from '../../src/core/errors.js';
import {
  type IdentityChange,
  type IdentityLink,
  type IdentityOutcome,
  type IdentityStore,
  MAX_IDS_A_PERSON,
  type PersonalId,
} from '../../src/identity/identityStore.js';
import { wellFormed } from '../../src/stores/postgres/text.js';

interface PlainId extends PersonalId {
  readonly personId: string;
  readonly seq: number;
}

/** Who is whom in a plain map, for tests that link more often than a database likes. */
export class PlainIdentities implements IdentityStore {
  readonly #ids = new Map<string, PlainId>();
  #seq = 0;

  async link({ userId, otherId, kind, nowMs }: IdentityLink): Promise<IdentityOutcome> {
    const [own, other] = [this.#groupOf(userId), this.#groupOf(otherId)];
    const personId = this.#personOf(userId);
    if (personId === this.#personOf(otherId)) {
      const known = this.#ids.get(otherId);
      if (kind !== undefined && known !== undefined) this.#ids.set(otherId, { ...known, kind });
      return { personId, changed: false };
    }
    if (own.length + other.length > MAX_IDS_A_PERSON) throw new FailedPreconditionError('too many ids');
    for (const id of own) this.#put(id, { personId, linkedAtMs: this.#ids.get(id)?.linkedAtMs ?? nowMs });
    for (const id of other) {
      this.#put(id, { personId, linkedAtMs: nowMs, ...(id === otherId && kind !== undefined && { kind }) });
    }
    return { personId, changed: true };
  }

  async unlink({ otherId, nowMs }: { otherId: string; nowMs: number }): Promise<IdentityOutcome> {
    const staying = this.#groupOf(otherId).filter((id) => id !== otherId);
    const [first] = staying;
    if (first === undefined) return { personId: otherId, changed: false };
    const before = this.#personOf(otherId);
    for (const id of staying) this.#put(id, { personId: before === otherId ? first : before });
    this.#put(otherId, { personId: otherId, linkedAtMs: nowMs });
    return { personId: otherId, changed: true };
  }

  async personOf(userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map(userIds.map((id) => [id, this.#personOf(id)]));
  }

  async membersOf(personId: string): Promise<readonly PersonalId[]> {
    if (this.#personOf(personId) !== personId) return [];
    return this.#groupOf(personId).map((id) => {
      const { personId: _, ...known } = this.#ids.get(id) ?? { userId: wellFormed(id), personId: id };
      return known;
    });
  }

  async membersOfAll(personIds: readonly string[]): Promise<ReadonlyMap<string, readonly PersonalId[]>> {
    return new Map(await Promise.all(personIds.map(async (id) => [id, await this.membersOf(id)] as const)));
  }

  async changes({ afterSeq, limit }: { afterSeq: number; limit: number }): Promise<IdentityChange[]> {
    return [...this.#ids.values()]
      .filter(({ seq }) => seq > afterSeq)
      .sort((a, b) => a.seq - b.seq)
      .slice(0, limit)
      .map(({ seq, userId, personId }) => ({ seq, userId, personId }));
  }

  async lastChangeSeq(): Promise<number> {
    return Math.max(0, ...[...this.#ids.values()].map(({ seq }) => seq));
  }

  #personOf(userId: string): string {
    return this.#ids.get(userId)?.personId ?? userId;
  }

  #groupOf(userId: string): string[] {
    const personId = this.#personOf(userId);
    const members = [...this.#ids.values()].filter((id) => id.personId === personId);
    return members.length === 0 ? [userId] : members.map((id) => id.userId).sort();
  }

  #put(userId: string, change: Partial<PlainId> & { personId: string }): void {
    this.#seq += 1;
    this.#ids.set(userId, { ...this.#ids.get(userId), userId, ...change, seq: this.#seq });
  }
}
