import type { EpochMs } from '../../core/time.js';

/** One line of a list: a product as a page would show it, and why it is there. */
export interface ListLine {
  readonly position: number;
  readonly title: string;
  readonly shelf: string;
  readonly price: string;
  readonly score: number;
  readonly reasons: readonly string[];
  /** How it moved against the list before, e.g. `new`. */
  readonly move?: string;
}

const WIDTH = 100;
const TITLE_WIDTH = 36;
const SHELF_WIDTH = 26;

/** Prints for a person: headings, paragraphs and aligned lists, a hundred columns wide. */
export class Screen {
  readonly #out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly #colours: boolean;

  constructor(
    out: NodeJS.WritableStream & { readonly isTTY?: boolean },
    env: { readonly NO_COLOR?: string },
  ) {
    this.#out = out;
    this.#colours = out.isTTY === true && (env.NO_COLOR ?? '') === '';
  }

  heading(text: string): void {
    this.#line();
    this.#line(this.#bold(text));
    this.#line('─'.repeat(text.length));
  }

  say(...lines: readonly string[]): void {
    for (const line of lines) this.#line(line);
  }

  /** What is asked of the server, or done by somebody. */
  step(text: string): void {
    this.#line();
    this.#line(`▸ ${text}`);
  }

  /** What stands beneath a line, indented. */
  detail(...lines: readonly string[]): void {
    for (const line of lines) this.#line(this.#dim(`          ${line}`));
  }

  list(lines: readonly ListLine[]): void {
    const moves = lines.some(({ move }) => move !== undefined);
    for (const { position, title, shelf, price, score, reasons, move } of lines) {
      const columns = [
        String(position).padStart(3),
        padded(title, TITLE_WIDTH),
        padded(shelf, SHELF_WIDTH),
        price.padStart(7),
        score.toFixed(2).padStart(6),
        ...(moves ? [move ?? ''] : []),
      ];
      this.#line(columns.join('  ').trimEnd());
      this.#line(this.#dim(`     ${joined(reasons)}`));
    }
  }

  #line(text = ''): void {
    this.#out.write(`${text}\n`);
  }

  #bold(text: string): string {
    return this.#colours ? `\u001b[1m${text}\u001b[22m` : text;
  }

  #dim(text: string): string {
    return this.#colours ? `\u001b[2m${text}\u001b[22m` : text;
  }
}

/** As many of the reasons, strongest first, as stand on one line; the first one always. */
function joined([first = '', ...others]: readonly string[]): string {
  let text = first;
  for (const reason of others) {
    if (text.length + reason.length + 8 > WIDTH) break;
    text += ` · ${reason}`;
  }
  return text;
}

function padded(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}

/** A moment on the clock of a time zone, such as `Mon 1 Jan 2018, 10:00:00`. */
export function wallClock(atMs: EpochMs, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return parts.format(atMs).replace(/^(\w+), /, '$1 ');
}
