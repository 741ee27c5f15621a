import cliProgress from 'cli-progress';
import type { ImportProgress } from './importTable.js';

/** Shows how far a long piece of work is, one phase after the other. */
export interface ProgressBar {
  /** Begins a phase, ending the one before it. `total` is in any unit. */
  phase(name: string, total: number): void;
  /** How much of the phase's total is done, and a few words of note such as `12,000 rows`. */
  update(done: number, note?: string): void;
  /** Ends the last phase. Nothing is drawn afterwards. */
  stop(): void;
}

/** What a bar needs of a stream such as `process.stderr`. */
export interface BarStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/**
 * A bar that moves where the stream is a terminal. Elsewhere (a log, a pipe) one plain line a phase,
 * written when it ends.
 */
export function createProgressBar(stream: BarStream): ProgressBar {
  return stream.isTTY === true ? drawnBar(stream) : plainLines(stream);
}

/** Passes the progress of an import on to a bar: a phase a file, in bytes. */
export function showImport(bar: ProgressBar): (progress: ImportProgress) => void {
  let current: string | undefined;
  return ({ file, bytesRead, rows }) => {
    if (file.path !== current) {
      current = file.path;
      bar.phase(`import ${file.fileName}`, file.sizeBytes);
    }
    bar.update(bytesRead, `${rows.toLocaleString('en-US')} rows`);
  };
}

function drawnBar(stream: BarStream): ProgressBar {
  let bar: cliProgress.SingleBar | undefined;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    phase(name, total) {
      stop();
      bar = new cliProgress.SingleBar(
        {
          stream,
          format: `${name.padEnd(28)} {bar} {percentage} %  {note}  {duration_formatted}`,
          hideCursor: true,
          noTTYOutput: false,
        },
        cliProgress.Presets.shades_classic,
      );
      bar.start(Math.max(total, 1), 0, { note: '' });
    },
    update(done, note) {
      bar?.update(done, note === undefined ? {} : { note });
    },
    stop,
  };
}

function plainLines(stream: BarStream): ProgressBar {
  let current: { name: string; note: string } | undefined;
  const stop = (): void => {
    if (current !== undefined) {
      stream.write(`${current.name}${current.note === '' ? '' : `: ${current.note}`}\n`);
    }
    current = undefined;
  };
  return {
    phase(name) {
      stop();
      current = { name, note: '' };
    },
    update(_done, note) {
      if (current !== undefined && note !== undefined) current.note = note;
    },
    stop,
  };
}
