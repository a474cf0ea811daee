/** What a column can hold. Times are milliseconds since the epoch, flags 0 or 1, JSON is text. */
export type SqlValue = string | number | null | Uint8Array;

/** Questions and changes, in SQL that both stores understand: placeholders are `?1`, `?2` … */
export interface HubQueries {
  all<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>;
  get<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row | undefined>;
  /** @returns how many rows changed. */
  run(sql: string, values?: readonly SqlValue[]): Promise<number>;
}

/**
 * What the hub keeps. Every question names its tenant.
 *
 * @throws {HubError} database – from every method, when the store failed or cannot be reached.
 * @throws {HubError} disk_full – from every method that writes; nothing of it was stored.
 */
export interface HubDatabase extends HubQueries, AsyncDisposable {
  readonly kind: "sqlite" | "postgres";
  /**
   * Does all of `work` or nothing of it. Resolves when it is on disk. `work` must ask `tx` alone,
   * and wait for nothing else; it may be done again when another transaction was in its way.
   */
  transaction<T>(work: (tx: HubQueries) => Promise<T>): Promise<T>;
}
