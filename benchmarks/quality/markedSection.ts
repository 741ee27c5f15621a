/** The two lines of a Markdown file between which a program writes. */
function markersOf(name: string): { start: string; end: string } {
  return { start: `<!-- ${name}:start -->`, end: `<!-- ${name}:end -->` };
}

/**
 * What stands between the markers of this name, without the blank lines around it.
 *
 * @throws Error when the text does not have both, in order
 */
export function readMarked(text: string, name: string): string {
  const { from, to } = boundsOf(text, name);
  return text.slice(from, to).trim();
}

/** The text with `content` between the markers of this name, a blank line on either side. */
export function writeMarked(text: string, options: { name: string; content: string }): string {
  const { from, to } = boundsOf(text, options.name);
  return `${text.slice(0, from)}\n\n${options.content.trim()}\n\n${text.slice(to)}`;
}

function boundsOf(text: string, name: string): { from: number; to: number } {
  const { start, end } = markersOf(name);
  const at = text.indexOf(start);
  const to = text.indexOf(end);
  if (at === -1 || to < at) throw new Error(`the text lacks ${start} before ${end}`);
  return { from: at + start.length, to };
}
