import { HubError } from "../errors.ts";
import { PostgresConnection } from "./postgres_connection.ts";

/** Connections of one hub. */
const CONNECTIONS = 8;
/** Of these for changes: whatever rows they wait for, questions are answered. */
const FOR_CHANGES = 6;
/** How long the end waits for what is under way. */
const END_MS = 5_000;

/** Connections to PostgreSQL, each lent to one at a time. One that is lost takes no other with it. */
export class PostgresPool implements AsyncDisposable {
  readonly #url: string;
  /** How many may be lent yet, and for changes. */
  readonly #free = { any: CONNECTIONS, changes: FOR_CHANGES };
  readonly #questions: (() => void)[] = [];
  readonly #changes: (() => void)[] = [];
  readonly #idle = new Set<PostgresConnection>();
  readonly #lent = new Set<PostgresConnection>();
  /** What disposing waits for. */
  readonly #works = new Set<Promise<unknown>>();
  readonly #ends = new Set<Promise<void>>();
  #isClosed = false;

  constructor(url: string) {
    this.#url = url;
  }

  /**
   * Lends a connection until `work` is over; where all are lent, it waits for one.
   *
   * @param isChange Whether it may wait for rows that others change; of these not all at once.
   * @throws {HubError} database – it was closed, so that nobody would end another connection
   */
  async lend<T>(
    work: (connection: PostgresConnection) => Promise<T>,
    isChange: boolean,
  ): Promise<T> {
    await new Promise<void>((resolve) => {
      (isChange ? this.#changes : this.#questions).push(resolve);
      this.#admit();
    });
    try {
      return await this.#with(this.#take(), work);
    } finally {
      this.#free.any++;
      if (isChange) this.#free.changes++;
      this.#admit();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#endIdle();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isLate = new Promise((resolve) => timer = setTimeout(resolve, END_MS));
    await Promise.race([Promise.allSettled(this.#works), isLate]);
    clearTimeout(timer);
    for (const connection of this.#lent) this.#end(connection);
    await Promise.all(this.#ends);
  }

  /** Changes first, as they leave room for questions. */
  #admit(): void {
    while (this.#free.any > 0) {
      const change = this.#free.changes > 0 ? this.#changes.shift() : undefined;
      const next = change ?? this.#questions.shift();
      if (!next) return;
      this.#free.any--;
      if (change) this.#free.changes--;
      next();
    }
  }

  #take(): PostgresConnection {
    if (this.#isClosed) throw new HubError("database", "Cannot use the database as it was closed");
    const [idle] = this.#idle;
    if (idle) {
      this.#idle.delete(idle);
      return idle;
    }
    const made = new PostgresConnection(this.#url, () => this.#idle.delete(made));
    return made;
  }

  async #with<T>(
    connection: PostgresConnection,
    work: (connection: PostgresConnection) => Promise<T>,
  ): Promise<T> {
    this.#lent.add(connection);
    const working = work(connection);
    this.#works.add(working);
    try {
      return await working;
    } finally {
      this.#works.delete(working);
      this.#lent.delete(connection);
      // Those that nobody has may be lost as well, without anybody being told.
      if (connection.isLost) this.#endIdle();
      if (connection.isLost || this.#isClosed) this.#end(connection);
      else this.#idle.add(connection);
    }
  }

  #endIdle(): void {
    for (const connection of this.#idle) this.#end(connection);
    this.#idle.clear();
  }

  #end(connection: PostgresConnection): void {
    const ending = connection.end().finally(() => this.#ends.delete(ending));
    this.#ends.add(ending);
  }
}
