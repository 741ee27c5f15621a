import { createRequire } from 'node:module';
import { normaliseTagText } from './tagText.js';
import { STOP_WORDS, TELLING_CHARACTERS, UNITS } from './titleWords.js';

/** Cuts titles (and search queries, which must fall on the same words) into keywords. */
export interface TitleSegmenter {
  /**
   * The keywords of a text in any mixture of Chinese and English, normalised, each once, in order
   * of appearance. Without stop words, bare numbers, measures and single letters.
   */
  keywords(text: string): string[];
}

/** Longer ones are codes or broken text. */
const LONGEST_KEYWORD = 40;

/** A letter that is half of a word (`t恤`, `v领`, `a字`), Chinese, or anything else between word boundaries. */
const RUNS =
  /(?<![a-z\d])[a-z][恤领型字形]|(\p{Script=Han}+)|[\p{L}\p{M}\p{N}]+(?:[-'’][\p{L}\p{M}\p{N}]+)*/gu;
const POSSESSIVE = /['’]s?$/u;
const MEASURE = /^[\d.,-]+(\p{L}*)$/u;

/**
 * Loads the Chinese dictionary (about 5 MB; a fifth of a second) and answers a segmenter. Chinese
 * is cut by jieba's dictionary and hidden Markov model, everything else at word boundaries.
 */
export function createTitleSegmenter(): TitleSegmenter {
  // Required here and not imported: importing the dictionary reads it.
  const require = createRequire(import.meta.url);
  const { Jieba } = require('@node-rs/jieba') as typeof import('@node-rs/jieba');
  const { dict } = require('@node-rs/jieba/dict.js') as typeof import('@node-rs/jieba/dict.js');
  const jieba = Jieba.withDict(dict);

  return {
    keywords(text) {
      const found = new Set<string>();
      for (const [run, han] of separated(normaliseTagText(text)).matchAll(RUNS)) {
        if (han === undefined) addWord(found, run);
        else addChineseWords(found, jieba.cut(han, true));
      }
      return [...found];
    },
  };
}

/** Spaces where Chinese titles glue numbers and Latin words to theirs: `2024新款`, `nike耐克`. */
function separated(text: string): string {
  return text.replace(/(?<=\p{Script=Han})(?=[a-z\d])|(?<=[a-z\d]{2}|\d)(?=\p{Script=Han})/gu, ' ');
}

function addWord(found: Set<string>, run: string): void {
  const word = run.replace(POSSESSIVE, '');
  if (word.length < 2 || word.length > LONGEST_KEYWORD) return;
  const measure = MEASURE.exec(word);
  if (measure !== null && (measure[1] === '' || UNITS.has(measure[1] as string))) return;
  if (STOP_WORDS.has(word) || UNITS.has(word)) return;
  const stem = singular(word);
  if (!STOP_WORDS.has(stem)) found.add(stem);
}

/**
 * Names that the dictionary does not know, mostly brands, come out as single characters in a row:
 * two to four of them are put together again. Of lone characters only the telling ones stay.
 */
function addChineseWords(found: Set<string>, words: readonly string[]): void {
  let singles: string[] = [];
  for (const word of [...words, '']) {
    if ([...word].length === 1 && !STOP_WORDS.has(word)) {
      singles.push(word);
      continue;
    }
    if (singles.length >= 2 && singles.length <= 4) found.add(singles.join(''));
    else for (const single of singles) if (TELLING_CHARACTERS.has(single)) found.add(single);
    singles = [];
    if ([...word].length > 1 && word.length <= LONGEST_KEYWORD && !STOP_WORDS.has(word)) found.add(word);
  }
}

/** Words whose last s is their own. */
const NO_PLURALS = new Set(['canvas', 'christmas', 'gas', 'lens', 'series', 'always']);

/**
 * Light plural stripping after Harman's S-stemmer ("How effective is suffixing?", JASIS 1991),
 * with `-es` after hissing sounds. It need not be right, only the same for both numbers.
 */
function singular(word: string): string {
  if (word.length < 4 || NO_PLURALS.has(word) || !/^[a-z'’-]+s$/u.test(word)) return word;
  if (/(ss|us|is)$/u.test(word)) return word;
  if (word.length > 4 && /[^ae]ies$/u.test(word)) return `${word.slice(0, -3)}y`;
  if (/(sses|shes|ches|xes|zes)$/u.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}
