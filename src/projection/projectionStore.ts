/** Names one life of a partition's online state; a new one is made when the state was lost. */
export type Epoch = string;

/** How far the truth has been applied to a partition. */
export interface PartitionPosition {
  /** Behaviours of the log up to this seq are in the histories. */
  readonly appliedSeq: number;
  /** Changes of users up to this seq are in the profiles. */
  readonly profileSeq: number;
  /** Entries of the touch ledger up to this seq are in the touch logs. */
  readonly ledgerSeq: number;
  /** Entries of the touch ledger up to this seq were learned from (`Learner`). */
  readonly learnedSeq: number;
  /**
   * Set once the partition has been built from the truth as a whole; absent while it is not to be
   * trusted: at first, and after the store has lost its data.
   */
  readonly epoch?: Epoch;
}

/** What the store keeps of one user id. */
export interface StoredUser {
  /** Packed behaviours (`packedHistory.ts`), in the order of the log; empty when there are none. */
  readonly history: Uint8Array;
  /** JSON of what the truth says of the user (`userProfile.ts`). */
  readonly profile?: string;
  /** Where the user's partition stood, read together with the rest. */
  readonly position: PartitionPosition;
}

export interface LeaseRequest {
  readonly partition: number;
  /** Names the process. */
  readonly owner: string;
  readonly ttlMs: number;
}

/**
 * What became of a write under a lease. `lost`: the lease has another owner (or none), or the
 * position is not the expected one; nothing was changed. Lease it again and look where it stands.
 */
export type ProjectionOutcome = 'applied' | 'lost';

/** A write that moves one position, and only from the expected place. */
export interface ProjectionStep {
  readonly partition: number;
  readonly owner: string;
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** A partition that was built, and where that left it. */
export interface ReadyPartition extends Pick<PartitionPosition, 'appliedSeq' | 'ledgerSeq'> {
  readonly partition: number;
  readonly owner: string;
  readonly epoch: Epoch;
}

/**
 * The online state of people as a projection of the truth, in `PARTITIONS` partitions.
 *
 * - One owner at a time may write a partition, under a lease that ends by itself. The lease keeps
 *   owners apart; correctness does not rest on it: **every step is atomic with the move of its
 *   position, and is refused unless the position is where the caller believed it to be**. So a step
 *   repeated after a lost answer, or by two owners at once, is applied once.
 * - A lost store (emptied, or restarted empty) reads as positions 0 without an epoch. A store that
 *   falls back to an earlier moment (a failover that lost the last writes) falls back with its
 *   positions, and what is missing is applied again.
 * - A partition is built anew in a draft beside the live histories: `startDraft`, `appendToDraft`
 *   until the end of the log, `swapDraft`. Readers see the old histories until the swap.
 * - Readers never wait for writers. A user never heard of has an empty history and no profile; a
 *   history that was replaced by nothing is gone.
 * - A step writes at most `MAX_USERS_A_STEP` users, since it is done in one piece; more, or a step
 *   backwards, is refused with a `RangeError`.
 * - All reject with `UnavailableError` when the engine fails; a write may then have been done.
 */
export interface ProjectionStore {
  /** In the order given; one round trip (one for each node of a cluster). */
  readUsers(userIds: readonly string[]): Promise<StoredUser[]>;
  /** Their profiles alone, without the histories, which are many times as long; likewise. */
  readProfiles(userIds: readonly string[]): Promise<StoredUser['profile'][]>;
  /** Where the partitions stand, in the order given. */
  positions(partitions: readonly number[]): Promise<PartitionPosition[]>;

  /**
   * Says that `owner` is alive and wants partitions, for `ttlMs`; answers how many owners are, this
   * one included, so that each knows its fair share. A hint, nothing more.
   */
  announce(owner: { owner: string; ttlMs: number }): Promise<number>;
  /** Takes the lease, or renews one's own; the position, or undefined when another owner holds it. */
  lease(request: LeaseRequest): Promise<PartitionPosition | undefined>;
  /** The same whoever holds it, for an operator's rebuild. */
  seizeLease(request: LeaseRequest): Promise<PartitionPosition>;
  /** Gives up one's own lease; another's stays. */
  release(lease: { partition: number; owner: string }): Promise<void>;

  /**
   * Appends packed behaviours to the histories of their users; moves `appliedSeq`. What is read later
   * are the same behaviours in the same order, in other bytes where those are fewer.
   */
  append(step: ProjectionStep, additions: ReadonlyMap<string, Uint8Array>): Promise<ProjectionOutcome>;
  /**
   * Puts shorter histories in place of long ones; moves nothing, `fromSeq` must be the position.
   * (Old behaviours beyond what is kept of a person, see `keptHistory`.)
   */
  replaceHistories(
    step: Omit<ProjectionStep, 'toSeq'>,
    histories: ReadonlyMap<string, Uint8Array>,
  ): Promise<ProjectionOutcome>;
  /** Sets profiles; moves `profileSeq`. */
  putProfiles(step: ProjectionStep, profiles: ReadonlyMap<string, string>): Promise<ProjectionOutcome>;
  /** Moves `ledgerSeq`, once the entries up to there are in the touch logs. */
  moveLedger(step: ProjectionStep): Promise<ProjectionOutcome>;
  /** Moves `learnedSeq`, once what the entries up to there teach is in the touch logs. */
  moveLearned(step: ProjectionStep): Promise<ProjectionOutcome>;

  /** Begins an empty draft at seq 0; an older one is thrown away. */
  startDraft(lease: { partition: number; owner: string }): Promise<ProjectionOutcome>;
  /** As `append`, to the draft and its own position. */
  appendToDraft(step: ProjectionStep, additions: ReadonlyMap<string, Uint8Array>): Promise<ProjectionOutcome>;
  /** Puts the draft and its position in place of the live histories and theirs; `fromSeq` is the draft's position. */
  swapDraft(step: Omit<ProjectionStep, 'toSeq'>): Promise<ProjectionOutcome>;
  /**
   * Declares the partition whole, if it stands where the one who built it left it: data that was lost
   * during the build took the positions with it. `epoch` is ignored when it has one.
   */
  declareReady(built: ReadyPartition): Promise<ProjectionOutcome>;

  /** How many users of the partition have a history. */
  countHistories(partition: number): Promise<number>;
  /** The users of a partition with their histories, in no order, in pages; one may come twice. */
  scanHistories(partition: number): AsyncIterable<ReadonlyMap<string, Uint8Array>>;
  close(): Promise<void>;
}
