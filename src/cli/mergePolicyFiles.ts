import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { InvalidInputError } from '../core/errors.js';

export interface PolicyFile {
  /** As the caller knows it. */
  readonly name: string;
  readonly text: string;
}

/**
 * Policy files as one, with their comments: lists one after the other, the highest version, and whatever else
 * stands in one file only. Whether the rules are sound, and no two have one id, `parseTouchPolicy` says.
 * Throws `InvalidInputError`, naming the file.
 */
export function mergePolicyFiles(files: readonly PolicyFile[]): string {
  const [first, ...others] = files.map((file) => ({ ...file, ...parsed(file) }));
  if (first === undefined) return '';
  for (const { name, document, root } of others) {
    for (const pair of root.items) {
      const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
      const mine = first.root.get(key, true);
      if (mine === undefined) first.root.items.push(pair);
      else if (isSeq(mine) && isSeq(pair.value)) mine.items.push(...withComments(pair.value));
      else if (key === 'version')
        first.root.set(key, Math.max(Number(first.root.get(key)), Number(root.get(key))));
      else throw new InvalidInputError({ field: name, rule: `${key} stands in another file already` });
    }
    first.document.commentBefore = [first.document.commentBefore, document.commentBefore]
      .filter((comment) => comment != null)
      .join('\n\n');
  }
  return first.document.toString({ lineWidth: 0 });
}

/** What a policy file says of itself in its first line. */
export function titleOf(text: string): string {
  return parseDocument(text).commentBefore?.split('\n')[0]?.trim() ?? '';
}

/** The comment above the first item of a list belongs to the list; it has to move with the item. */
function withComments({ items, commentBefore }: YAMLSeq): unknown[] {
  const [first] = items;
  if (isNode(first) && commentBefore != null) first.commentBefore = commentBefore;
  return items;
}

function parsed({ name, text }: PolicyFile): { document: Document; root: YAMLMap } {
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) {
    throw new InvalidInputError({ field: name, rule: `must be YAML or JSON: ${problem.message.trimEnd()}` });
  }
  if (!isMap(document.contents)) throw new InvalidInputError({ field: name, rule: 'must be a policy' });
  return { document, root: document.contents };
}
