/** What all keys begin with unless a shop shares its Redis with others. */
export const DEFAULT_KEY_PREFIX = 'tr:';

/**
 * All keys of one partition of people (`core/partitions.ts`). They share the hash tag `{p17}`, so they
 * lie in one slot of a cluster and a script may touch them together.
 */
export interface PartitionKeys {
  /** Hash: user id → packed behaviours in the order of the log. */
  readonly history: string;
  /** The same while a rebuild fills it beside the live one. */
  readonly historyDraft: string;
  /** Hash: user id → JSON of what the truth says of the user. */
  readonly profile: string;
  /**
   * Hash of how far the truth was applied: `seq`, `draft_seq`, `profile_seq`, `ledger_seq`,
   * `learned_seq`; and `epoch`, which is there while the partition is whole and may be trusted.
   */
  readonly position: string;
  /** String: the owner that may write, with a time to live. */
  readonly lease: string;
  /** Hash: user id → packed touch log (`touchLogCodec.ts`). */
  readonly touch: string;
}

export function partitionKeys(partition: number, prefix: string = DEFAULT_KEY_PREFIX): PartitionKeys {
  const own = `${prefix}{p${partition}}`;
  return {
    history: `${own}:history`,
    historyDraft: `${own}:history:draft`,
    profile: `${own}:profile`,
    position: `${own}:position`,
    lease: `${own}:lease`,
    touch: `${own}:touch`,
  };
}

/** Sorted set of the owners that want partitions, each until when it is alive. */
export function ownersKey(prefix: string = DEFAULT_KEY_PREFIX): string {
  return `${prefix}owners`;
}

/** The field of `position` that says that the partition is whole. */
export const EPOCH_FIELD = 'epoch';
