import type { EpochMs } from '../core/time.js';

/** What a model may do: rank, or watch and be compared. */
export const MODEL_ROLES = ['active', 'shadow'] as const;
export type ModelRole = (typeof MODEL_ROLES)[number];

/** A model as it is kept: its manifest as it was given (JSON), and its file. */
export interface ModelFiles {
  readonly manifest: string;
  readonly bytes: Uint8Array;
}

/** A kept model without its file. */
export interface KeptModel {
  readonly version: string;
  readonly manifest: string;
  readonly addedBy: string;
  readonly addedAtMs: EpochMs;
}

/** A word on which model has a role. */
export interface ModelWord {
  readonly role: ModelRole;
  /** Absent: the model of the server's settings, or no shadow. */
  readonly version?: string;
  readonly setBy: string;
  readonly note?: string;
  readonly setAtMs: EpochMs;
}

export interface ModelChange extends ModelWord {
  readonly seq: number;
  /** It takes the word before it on the role back. */
  readonly isRollback: boolean;
}

/**
 * Models and which of them is in force, in the truth. Writers take turns. All reject with
 * `UnavailableError` when the engine fails.
 */
export interface ModelStore {
  /**
   * Keeps a model for good. Answers false where the very same is kept already.
   *
   * @throws FailedPreconditionError when the version is that of another model.
   */
  add(model: KeptModel & ModelFiles): Promise<boolean>;
  read(version: string): Promise<ModelFiles | undefined>;
  /** All, the one that was added first first. */
  list(): Promise<KeptModel[]>;
  /**
   * Gives a role. Answers false where the model has it already.
   *
   * @throws NotFoundError for a version that is not kept.
   */
  give(word: ModelWord): Promise<boolean>;
  /**
   * Takes the last word on what is active back that was not taken back before. Answers the version that is
   * active now (undefined: that of the settings), or undefined where there was nothing to take back, or where
   * `ifActive` is given and another is active.
   */
  rollBack(
    word: Omit<ModelWord, 'role' | 'version'> & { readonly ifActive?: string },
  ): Promise<{ readonly version: string | undefined } | undefined>;
  /** What was said last of each role; absent where nothing was. */
  inForce(): Promise<Partial<Record<ModelRole, ModelChange>>>;
  /** The latest changes, latest first. */
  changes(limit: number): Promise<ModelChange[]>;
}
