import { isDeepStrictEqual } from 'node:util';
import type { OverrideWord } from '../../catalog/overrideWord.js';
import { refuseBrokenBounds } from '../../tags/overrideBounds.js';
import {
  idOfSubject,
  type OverrideChange,
  type OverrideKey,
  type OverrideToKeep,
  subjectOf,
} from '../../tags/tagOverride.js';
import type { TagOverrideStore } from '../../tags/tagOverrideStore.js';
import type { TagSubject } from '../../tags/tagReport.js';
import { arraysOf, type Column, columnNames, unnestOf } from './columns.js';
import { readPage } from './pages.js';
import type { Sql, SqlQueries } from './sql.js';
import { wellFormed } from './text.js';
import { takeWriteLock } from './writeLocks.js';

/** A word to be written; without one the override is deleted. */
type Entry = Omit<OverrideToKeep, 'word'> & { readonly word: OverrideWord | undefined };

const KEY_COLUMNS: readonly Column<OverrideKey>[] = [
  { name: 'subject_kind', type: 'text', value: ({ subject }) => subject.kind },
  { name: 'subject_id', type: 'text', value: ({ subject }) => idOfSubject(subject) },
  { name: 'tag', type: 'text', value: ({ tag }) => tag },
];

const COLUMNS: readonly Column<Entry>[] = [
  ...KEY_COLUMNS,
  { name: 'action', type: 'text', value: ({ word }) => word?.action ?? 'delete' },
  {
    name: 'weight',
    type: 'double precision',
    value: ({ word }) => (word === undefined || word.action === 'veto' ? undefined : word.weight),
  },
  { name: 'note', type: 'text', value: ({ note }) => note },
  { name: 'set_by', type: 'text', value: ({ setBy }) => setBy },
  { name: 'set_at_ms', type: 'bigint', value: ({ setAtMs }) => setAtMs },
];

type Row = {
  readonly change_seq: number;
  readonly subject_kind: TagSubject['kind'];
  readonly subject_id: string;
  readonly tag: string;
  readonly action: OverrideWord['action'] | 'delete';
  readonly weight: number | null;
  readonly note: string | null;
  readonly set_by: string;
  readonly set_at_ms: number;
  readonly is_current: boolean;
};

const SELECT = `SELECT change_seq, ${columnNames(COLUMNS)}, is_current FROM tag_overrides`;
const KEYS = columnNames(KEY_COLUMNS);

const LAST_WORDS = `${SELECT}
  WHERE is_current AND (${KEYS}) IN (SELECT ${KEYS} FROM ${unnestOf(KEY_COLUMNS)})`;

const SUPERSEDE = `UPDATE tag_overrides SET is_current = false
  WHERE is_current AND (${KEYS}) IN (SELECT ${KEYS} FROM ${unnestOf(KEY_COLUMNS)})`;

const INSERT = `INSERT INTO tag_overrides (change_seq, is_current, ${columnNames(COLUMNS)})
  SELECT nextval('tag_override_change_seq'), true, given.* FROM (
    SELECT ${columnNames(COLUMNS)} FROM ${unnestOf(COLUMNS)} ORDER BY ordinal
  ) AS given`;

const IN_FORCE = `${SELECT} WHERE is_current AND action <> 'delete' AND (subject_kind, subject_id) IN
  (SELECT subject_kind, subject_id FROM ${unnestOf(KEY_COLUMNS)})`;

/** Overrides in PostgreSQL. Writers take turns, so that bounds hold whoever else writes. */
export class PostgresTagOverrideStore implements TagOverrideStore {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  set(overrides: readonly OverrideToKeep[]): Promise<number> {
    return this.#write(async (queries) => {
      const last = await lastWords(queries, overrides);
      const changed = overrides.filter((override) => !isSaid(last.get(keyOf(override)), override));
      await say(queries, changed);
      await refuseBroken(queries, changed);
      return changed.length;
    });
  }

  delete(
    keys: readonly OverrideKey[],
    word: { readonly setBy: string; readonly setAtMs: number; readonly note?: string },
  ): Promise<number> {
    return this.#write(async (queries) => {
      const last = await lastWords(queries, keys);
      const inForce = keys.filter((key) => last.get(keyOf(key))?.word !== undefined);
      await say(
        queries,
        inForce.map(({ subject, tag }) => ({ subject, tag, ...word, word: undefined })),
      );
      return inForce.length;
    });
  }

  async list({
    subject,
    afterSeq,
    limit,
    withPast = false,
  }: Parameters<TagOverrideStore['list']>[0]): Promise<OverrideChange[]> {
    const ofSubject = subject === undefined ? '' : 'AND subject_kind = $3 AND subject_id = $4';
    const inForce = withPast ? '' : `AND is_current AND action <> 'delete'`;
    const select = `${SELECT} WHERE change_seq > $1 ${ofSubject} ${inForce} ORDER BY change_seq LIMIT $2`;
    const values = [afterSeq, limit];
    const rows = await readPage<Row>(this.#sql, {
      select,
      orderBy: 'change_seq',
      values: subject === undefined ? values : [...values, subject.kind, wellFormed(idOfSubject(subject))],
    });
    return rows.map(changeFromRow);
  }

  async changes({ afterSeq, limit }: { afterSeq: number; limit: number }): Promise<OverrideChange[]> {
    const rows = await readPage<Row>(this.#sql, {
      select: `${SELECT} WHERE change_seq > $1 AND is_current ORDER BY change_seq LIMIT $2`,
      orderBy: 'change_seq',
      values: [afterSeq, limit],
    });
    return rows.map(changeFromRow);
  }

  #write(work: (queries: SqlQueries) => Promise<number>): Promise<number> {
    return this.#sql.transaction(async (queries) => {
      await takeWriteLock(queries, 'tagOverrides');
      return work(queries);
    });
  }
}

async function lastWords(
  queries: SqlQueries,
  keys: readonly OverrideKey[],
): Promise<Map<string, OverrideChange>> {
  const rows = await queries.query<Row>(LAST_WORDS, arraysOf(KEY_COLUMNS, keys));
  return new Map(rows.map(changeFromRow).map((change) => [keyOf(change), change]));
}

async function say(queries: SqlQueries, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  await queries.query(SUPERSEDE, arraysOf(KEY_COLUMNS, entries));
  await queries.query(INSERT, arraysOf(COLUMNS, entries));
}

async function refuseBroken(queries: SqlQueries, keys: readonly OverrideKey[]): Promise<void> {
  if (keys.length === 0) return;
  const rows = await queries.query<Row>(IN_FORCE, arraysOf(KEY_COLUMNS, keys));
  const bySubject = new Map<string, OverrideToKeep[]>();
  for (const { word, ...change } of rows.map(changeFromRow)) {
    if (word === undefined) continue;
    const key = keyOf({ ...change, tag: '' });
    bySubject.set(key, [...(bySubject.get(key) ?? []), { ...change, word }]);
  }
  for (const [first, ...rest] of bySubject.values()) {
    if (first !== undefined) refuseBrokenBounds(first.subject, [first, ...rest]);
  }
}

/** Of ids and tags as they are stored; neither holds a NUL. */
function keyOf({ subject, tag }: OverrideKey): string {
  return [subject.kind, idOfSubject(subject), tag].map(wellFormed).join('\0');
}

function isSaid(last: OverrideChange | undefined, { word, note, setBy }: OverrideToKeep): boolean {
  return (
    last !== undefined && last.setBy === setBy && last.note === note && isDeepStrictEqual(last.word, word)
  );
}

function changeFromRow(row: Row): OverrideChange {
  return {
    seq: row.change_seq,
    subject: subjectOf(row.subject_kind, row.subject_id),
    tag: row.tag,
    word: wordFromRow(row),
    ...(row.note !== null && { note: row.note }),
    setBy: row.set_by,
    setAtMs: row.set_at_ms,
    isCurrent: row.is_current,
  };
}

function wordFromRow({ action, weight }: Row): OverrideWord | undefined {
  if (action === 'delete') return undefined;
  return action === 'veto' ? { action } : { action, weight: weight ?? 0 };
}
