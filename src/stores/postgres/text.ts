const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The text with lone surrogates, which UTF-8 cannot hold, as U+FFFD. JSON would carry them to
 * PostgreSQL as escapes that `jsonb` refuses, and one such value would fail its whole batch.
 */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd');
}

/** A flat record as text for a `jsonb` column. Absent values are left out. */
export function jsonRecord(record: Readonly<Record<string, string | undefined>>): string {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return JSON.stringify(
    Object.fromEntries(entries.map(([key, value]) => [wellFormed(key), wellFormed(value!)])),
  );
}

/** A list of texts as text for a `jsonb` column. */
export function jsonList(texts: readonly string[]): string {
  return JSON.stringify(texts.map(wellFormed));
}

/** What is there for each id, under the id as it was given, though it is stored well formed. */
export function valuesByGivenId<Value>(
  ids: readonly string[],
  valueAt: (storedId: string) => Value | undefined,
): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const id of ids) {
    const value = valueAt(wellFormed(id));
    if (value !== undefined) values.set(id, value);
  }
  return values;
}
