import { InvalidInputError, type Violation } from '../core/errors.js';
import { idViolation } from '../core/ids.js';
import type { Clock } from '../core/time.js';
import { idOfSubject, type OverrideChange } from './tagOverride.js';
import type { TagOverrideStore } from './tagOverrideStore.js';
import type { TagSubject } from './tagReport.js';
import {
  type DeleteOverridesInput,
  type SetOverridesInput,
  validateDeleteOverrides,
  validateSetOverrides,
} from './validateOverrides.js';

export interface ListOverridesInput {
  /** Of all subjects when absent. */
  readonly subject?: TagSubject | undefined;
  /** 1–1,000; 100 when absent or 0. */
  readonly pageSize?: number;
  /** Of the answer before. Empty is the same as absent. */
  readonly pageToken?: string;
  /** All that was ever said, and not what is in force alone. */
  readonly withPast?: boolean;
}

export interface ListOverridesOutput {
  /** In the order in which they were said; one that is changed meanwhile comes again at the end. */
  readonly overrides: readonly OverrideChange[];
  /** For the next page; empty on the last. */
  readonly nextPageToken: string;
}

/**
 * An operator's control of tags. Answers come after the commit, when this server reads by what was
 * said; all others do within a second. Both changes are all or nothing, and can be repeated.
 *
 * All throw `InvalidInputError` with everything that is wrong, and `UnavailableError`, after which a
 * change may have been kept; `set` throws `FailedPreconditionError` (see `refuseBrokenBounds`).
 */
export interface TagOverrides {
  /** Answers how many changed; the others were in force already. */
  set(input: SetOverridesInput): Promise<number>;
  /** Answers how many there were. */
  delete(input: DeleteOverridesInput): Promise<number>;
  list(input: ListOverridesInput): Promise<ListOverridesOutput>;
}

export interface TagOverridesDeps {
  readonly store: TagOverrideStore;
  /** Resolves when what is committed is read by here. */
  readonly catchUp: () => Promise<void>;
  readonly clock: Clock;
}

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;

export function createTagOverrides({ store, catchUp, clock }: TagOverridesDeps): TagOverrides {
  return {
    async set(input) {
      const changed = await store.set(validateSetOverrides(input, clock.nowMs()));
      await catchUp();
      return changed;
    },
    async delete(input) {
      const { keys, word } = validateDeleteOverrides(input, clock.nowMs());
      const deleted = await store.delete(keys, word);
      await catchUp();
      return deleted;
    },
    async list(input) {
      const { pageSize, ...query } = validateList(input);
      // One more tells whether there is another page.
      const found = await store.list({ ...query, limit: pageSize + 1 });
      const overrides = found.slice(0, pageSize);
      const last = overrides.at(-1);
      return {
        overrides,
        nextPageToken: found.length > pageSize && last !== undefined ? tokenOf(last.seq) : '',
      };
    },
  };
}

function validateList({ subject, pageSize = 0, pageToken = '', withPast = false }: ListOverridesInput) {
  const violations: (Violation | undefined)[] = [
    subject && idViolation(`subject.${subject.kind}_id`, idOfSubject(subject)),
    Number.isInteger(pageSize) && pageSize >= 0 && pageSize <= MAX_PAGE
      ? undefined
      : { field: 'page_size', rule: `must be a whole number from 1 to ${MAX_PAGE}` },
  ];
  const afterSeq = pageToken === '' ? 0 : seqOf(pageToken);
  if (afterSeq === undefined) {
    violations.push({ field: 'page_token', rule: 'must be one that ListTagOverrides gave' });
  }
  const found = violations.filter((violation) => violation !== undefined);
  if (found.length > 0) throw new InvalidInputError(found);
  return {
    ...(subject !== undefined && { subject }),
    pageSize: pageSize || DEFAULT_PAGE,
    afterSeq: afterSeq ?? 0,
    withPast,
  };
}

function tokenOf(seq: number): string {
  return Buffer.from(`after ${seq}`).toString('base64url');
}

/** Undefined for what is no token. */
function seqOf(token: string): number | undefined {
  const seq = Number(/^after (\d{1,16})$/.exec(Buffer.from(token, 'base64url').toString())?.[1]);
  return Number.isSafeInteger(seq) && tokenOf(seq) === token ? seq : undefined;
}
