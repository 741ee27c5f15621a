/** What a script can tell from how `tagrank` ended. */
export const EXIT = {
  ok: 0,
  /** Something went wrong; standard error says what. */
  failed: 1,
  /** A bad argument, setting, policy or data folder: nothing was done, and no retry will mend it. */
  badUsage: 2,
  /** An import that is complete, but for rows that lie in the rejects files. */
  rejectedRows: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed; standard error says why',
  2: 'bad usage or settings: nothing was done',
  3: 'imported, but for the rows in the rejects files',
};

/** The part of a help text that lists how a command may end. */
export function exitCodesHelp(codes: readonly ExitCode[]): string {
  return ['Exit codes:', ...codes.map((code) => `  ${code}  ${MEANINGS[code]}`)].join('\n');
}
