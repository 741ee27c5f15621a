/** A person as the truth keeps them: the traits that the caller told us, nothing learned. */
export interface User {
  readonly userId: string;
  readonly gender?: string;
  /** Such as `25-29`. */
  readonly ageBand?: string;
  readonly region?: string;
  /** IANA name; calendar caps and quiet hours use it. `UTC` when absent. */
  readonly timezone?: string;
  readonly attributes: Readonly<Record<string, string>>;
}
