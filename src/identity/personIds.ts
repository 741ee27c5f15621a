/** All ids of one person (T7). An id that was never linked is a person of its own, under its own name. */
export interface PersonIds {
  /** One of `memberIds`. */
  readonly personId: string;
  /** In rising order, each once. */
  readonly memberIds: readonly string[];
}

export function aloneAs(userId: string): PersonIds {
  return { personId: userId, memberIds: [userId] };
}

/**
 * The ids of a person in the order in which what was told of them holds for `userId`: its own word
 * first, then that of the id that the person is named after, then the others' by id.
 */
export function inOrderOfWord(userId: string, { personId, memberIds }: PersonIds): string[] {
  return [...new Set([userId, personId, ...memberIds])];
}
