import type { OverrideWord } from '../catalog/overrideWord.js';
import { normaliseTag } from '../catalog/tagText.js';
import { InvalidInputError, oneOfRule } from '../core/errors.js';
import { FieldReader } from '../core/fieldReader.js';
import type { EpochMs } from '../core/time.js';
import { OVERRIDE_ACTIONS, type OverrideAction } from '../core/vocabulary.js';
import { idOfSubject, type OverrideKey, type OverrideToKeep } from './tagOverride.js';
import type { TagSubject } from './tagReport.js';

/** Overrides in one call. */
export const MAX_OVERRIDES_A_CALL = 1_000;
/** UTF-8 bytes of a tag: the longest category path, and room for the name of its field. */
export const MAX_TAG_BYTES = 1_100;
/** UTF-8 bytes of a note. */
export const MAX_NOTE_BYTES = 500;

/** Which override, as a caller gave it. */
export interface RawOverrideKey {
  readonly subject: TagSubject | undefined;
  readonly tag: string;
}

/** An override as a caller gave it; of the note, empty means absent. */
export interface RawOverride extends RawOverrideKey {
  /** Undefined for what is none. */
  readonly action: OverrideAction | undefined;
  readonly weight: number;
  readonly note?: string;
}

export interface SetOverridesInput {
  readonly overrides: readonly RawOverride[];
  readonly setBy: string;
}

export interface DeleteOverridesInput {
  readonly overrides: readonly RawOverrideKey[];
  readonly setBy: string;
  readonly note?: string;
}

/** The overrides in the room's words; throws `InvalidInputError` with every violation. */
export function validateSetOverrides(input: SetOverridesInput, nowMs: EpochMs): OverrideToKeep[] {
  const top = new FieldReader('');
  const setBy = top.id('set_by', input.setBy);
  const read = eachOnce(top, input.overrides, (reader, raw): OverrideToKeep => {
    const key = readKey(reader, raw);
    const word = readWord(reader, raw, key.subject.kind);
    const note = reader.optionalText('note', raw.note, MAX_NOTE_BYTES);
    return { ...key, word, ...(note !== undefined && { note }), setBy, setAtMs: nowMs };
  });
  if (top.violations.length > 0) throw new InvalidInputError(top.violations);
  return read;
}

/** Which to delete, and what is to be said of it; throws `InvalidInputError` with every violation. */
export function validateDeleteOverrides(
  input: DeleteOverridesInput,
  setAtMs: EpochMs,
): { keys: OverrideKey[]; word: { setBy: string; setAtMs: EpochMs; note?: string } } {
  const top = new FieldReader('');
  const setBy = top.id('set_by', input.setBy);
  const note = top.optionalText('note', input.note, MAX_NOTE_BYTES);
  const keys = eachOnce(top, input.overrides, readKey);
  if (top.violations.length > 0) throw new InvalidInputError(top.violations);
  return { keys, word: { setBy, setAtMs, ...(note !== undefined && { note }) } };
}

/** Reads each under its own path; two of one subject and tag would contradict each other. */
function eachOnce<Raw, Key extends OverrideKey>(
  top: FieldReader,
  raws: readonly Raw[],
  readOne: (reader: FieldReader, raw: Raw) => Key,
): Key[] {
  if (raws.length === 0) top.violate('overrides', 'must not be empty');
  if (raws.length > MAX_OVERRIDES_A_CALL) {
    top.violate('overrides', `must hold at most ${MAX_OVERRIDES_A_CALL} entries, not ${raws.length}`);
    return [];
  }
  const places = new Map<string, number>();
  return raws.map((raw, i) => {
    const reader = new FieldReader(`overrides[${i}]`);
    const key = readOne(reader, raw);
    const name = JSON.stringify([key.subject.kind, idOfSubject(key.subject), key.tag]);
    const first = places.get(name);
    if (first === undefined) places.set(name, i);
    else if (reader.violations.length === 0) {
      reader.violate('tag', `must not be there twice for one subject (see overrides[${first}])`);
    }
    top.violations.push(...reader.violations);
    return key;
  });
}

function readKey(reader: FieldReader, { subject, tag: written }: RawOverrideKey): OverrideKey {
  const text = reader.text('tag', written, MAX_TAG_BYTES);
  const tag = normaliseTag(text);
  if (tag === undefined) {
    reader.violate('tag', 'must have the form field:value, such as category:grocery/bread or fabric:cotton');
  } else if (tag.startsWith('audience:')) {
    reader.violate('tag', 'must not be of an audience: that is counted from the people who acted');
  }
  return { subject: readSubject(reader, subject), tag: tag ?? '' };
}

function readSubject(reader: FieldReader, subject: TagSubject | undefined): TagSubject {
  switch (subject?.kind) {
    case 'user':
      return { kind: 'user', userId: reader.id('subject.user_id', subject.userId) };
    case 'product':
      return { kind: 'product', productId: reader.id('subject.product_id', subject.productId) };
    case 'shop':
      return { kind: 'shop', shopId: reader.id('subject.shop_id', subject.shopId) };
    case undefined:
      reader.violate('subject', 'one of user_id, product_id and shop_id must be given');
      return { kind: 'user', userId: '' };
  }
}

function readWord(
  reader: FieldReader,
  { action, weight }: RawOverride,
  kind: TagSubject['kind'],
): OverrideWord {
  if (action === undefined) reader.violate('action', oneOfRule(OVERRIDE_ACTIONS));
  if (action === 'veto' || action === undefined) {
    if (action === 'veto' && weight !== 0) reader.violate('weight', 'must not be given with a veto');
    return { action: 'veto' };
  }
  const isDislikeToo = action === 'lock' && kind === 'user';
  const least = isDislikeToo ? -1 : 0;
  if (!(weight >= least && weight <= 1 && weight !== 0)) {
    const range = isDislikeToo ? 'from -1 to 1, and not 0' : 'above 0 and at most 1';
    reader.violate('weight', `must be ${range}; veto the tag to have it never there`);
  }
  return { action, weight };
}
