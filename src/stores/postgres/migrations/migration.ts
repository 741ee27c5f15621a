/** One step of the schema. Once released its text never changes: a mistake is mended by the next step. */
export interface Migration {
  /** 1, 2, 3… without gaps. */
  readonly id: number;
  readonly name: string;
  /** Statements that run on PostgreSQL 15+ and on PGlite, inside a transaction. */
  readonly sql: string;
}
