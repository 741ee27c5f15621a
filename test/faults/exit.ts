/** How a run with faults ends. */
export const EXIT = { held: 0, violated: 1, failed: 2, skipped: 3 } as const;
