import type { Environment } from '../config.js';
import type { BarStream } from '../importing/progressBar.js';
import type { ExitCode } from './exitCodes.js';

/** The process as a command sees it: `main.ts` hands in the real one, tests their own. */
export interface CommandLine {
  readonly env: Environment;
  /** What was asked for. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress, warnings and errors. */
  readonly stderr: BarStream;
  /**
   * Resolves at the first SIGTERM or SIGINT, which then does not end the process; a second one does.
   * Signals that nobody waits for keep their default.
   */
  stopRequested(): Promise<NodeJS.Signals>;
  /** Told once by a command how it ended; 0 when it is not told. */
  end(code: ExitCode): void;
}

/** Writes lines, each with its line end. */
export function writeLines(stream: NodeJS.WritableStream, lines: readonly string[]): void {
  stream.write(lines.map((line) => `${line}\n`).join(''));
}
