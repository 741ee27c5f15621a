/** What one comparison after a run looked at, and what was wrong. */
export interface Check {
  readonly name: string;
  /** How much was compared, in words. */
  readonly compared: string;
  readonly violations: readonly string[];
}
