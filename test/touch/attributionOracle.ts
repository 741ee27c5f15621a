/** A message that was sent, as a test remembers it. */
export interface SentTouch {
  readonly permitId: string;
  readonly userId: string;
  readonly shopId?: string;
  readonly atMs: number;
}

export interface OwnedOrder {
  readonly owner: string | undefined;
  readonly first: string | undefined;
  readonly last: string | undefined;
}

/**
 * Whose an order is (C7), by the sentence alone and from the beginning of time: a touch is a first one
 * when it lies in the window of no first one before it. `sent` is in the order in which the ledger was told.
 */
export function ownerByOracle(
  sent: readonly SentTouch[],
  order: { userIds: readonly string[]; shopId?: string; orderedAtMs: number; windowMs: number },
): OwnedOrder {
  const before = sent
    .filter(({ userId, shopId }) => order.userIds.includes(userId) && shopId === order.shopId)
    .filter(({ atMs }) => atMs <= order.orderedAtMs)
    .sort((a, b) => a.atMs - b.atMs);
  const firsts: SentTouch[] = [];
  for (const touch of before) {
    if (!firsts.some(({ atMs }) => touch.atMs < atMs + order.windowMs)) firsts.push(touch);
  }
  return {
    owner: firsts.find(({ atMs }) => order.orderedAtMs < atMs + order.windowMs)?.permitId,
    first: firsts.at(-1)?.permitId,
    last: before.at(-1)?.permitId,
  };
}
