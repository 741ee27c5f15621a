/** A part of the demo that the README shows. */
interface ShownPart {
  /** How the part's first line begins, after its mark. */
  readonly begins: string;
  /** Lines of it that are shown; all when absent. */
  readonly lines?: number;
}

/** In the order of the demo: each is looked for after the one before. */
const SHOWN: readonly ShownPart[] = [
  { begins: 'Rank(h2393)', lines: 7 },
  { begins: 'h2393 buys' },
  { begins: 'Rank(h2393)', lines: 5 },
  { begins: 'Track: she searches' },
  { begins: 'Rank(visitor-lena)', lines: 11 },
  { begins: 'Track: after the search' },
  { begins: 'Rank(visitor-lena)', lines: 9 },
  { begins: '4. A person at their cap' },
  { begins: 'not_before is exact' },
];

/**
 * What the README shows of a demo: the parts above, cut short, as a block of Markdown. How long a
 * call took is left out, so that the same data and model give the same excerpt on any machine.
 *
 * @throws Error when the demo printed no such part
 */
export function demoExcerpt(printed: string): string {
  const parts = partsOf(printed);
  let at = 0;
  const shown = SHOWN.map(({ begins, lines }) => {
    at = parts.findIndex((part, place) => place >= at && part[0]?.replace(/^▸ /, '').startsWith(begins)) + 1;
    if (at === 0) throw new Error(`the demo printed no “${begins}” where the README shows it`);
    const part = parts[at - 1] as readonly string[];
    const isCut = lines !== undefined && lines < part.length;
    return [...part.slice(0, lines), ...(isCut ? ['  …'] : [])].join('\n');
  });
  return ['```', shown.join('\n\n').replace(/(\d candidates), \d+ ms$/gm, '$1'), '```'].join('\n');
}

/** Every step and every scene's opening, as lines, the last blank ones left out. */
function partsOf(printed: string): string[][] {
  const lines = printed.split('\n');
  const parts: string[][] = [];
  for (const [at, line] of lines.entries()) {
    if (line.startsWith('▸ ') || lines[at + 1]?.startsWith('───')) parts.push([]);
    parts.at(-1)?.push(line);
  }
  return parts.map((part) => part.join('\n').trimEnd().split('\n'));
}
