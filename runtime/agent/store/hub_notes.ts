import type { ScriptName } from "../../core/documents/common.ts";
import type { Store } from "./store.ts";

/** A fact as a script has set it. */
export interface StoredFact {
  readonly script: ScriptName;
  readonly name: string;
  /** JSON. */
  readonly value: string;
}

/** An event that the hub is told of until it has stored it. */
export interface StoredInform {
  /** Random; the same however often the hub is told. */
  readonly id: string;
  readonly script: ScriptName;
  readonly name: string;
  /** JSON. */
  readonly data: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The tables of facts and of informs that are under way. */
export class HubNoteTable {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @throws what `check` throws, with how many facts the script would have */
  async setFact(fact: StoredFact, check: (count: number) => void): Promise<void> {
    const { script, name, value } = fact;
    await this.#store.write(() => {
      this.#store.sql(
        `INSERT INTO hub_facts VALUES (?1, ?2, ?3)
         ON CONFLICT (script, name) DO UPDATE SET value = excluded.value`,
      ).run(script, name, value);
      check(this.#count("hub_facts", script));
    });
  }

  async deleteFact(script: ScriptName, name: string): Promise<void> {
    await this.#store.write(() =>
      this.#store.sql("DELETE FROM hub_facts WHERE script = ? AND name = ?").run(script, name)
    );
  }

  facts(): StoredFact[] {
    const sql = "SELECT script, name, value FROM hub_facts ORDER BY script, name";
    return this.#store.sql(sql).all() as unknown as StoredFact[];
  }

  /** @throws what `check` throws, with how many informs of the script would wait */
  async addInform(inform: StoredInform, check: (count: number) => void): Promise<void> {
    const { id, script, name, data, at } = inform;
    await this.#store.write(() => {
      this.#store.sql(
        "INSERT INTO hub_informs (id, script, name, data, at) VALUES (?, ?, ?, ?, ?)",
      ).run(id, script, name, data, at);
      check(this.#count("hub_informs", script));
    });
  }

  /** Those that the hub has not stored, oldest first. */
  informs(limit: number): StoredInform[] {
    const sql = "SELECT id, script, name, data, at FROM hub_informs ORDER BY seq LIMIT ?";
    return this.#store.sql(sql).all(limit) as unknown as StoredInform[];
  }

  async deleteInform(id: string): Promise<void> {
    await this.#store.write(() => this.#store.sql("DELETE FROM hub_informs WHERE id = ?").run(id));
  }

  #count(table: "hub_facts" | "hub_informs", script: ScriptName): number {
    const sql = `SELECT count(*) AS count FROM ${table} WHERE script = ?`;
    return this.#store.sql(sql).get(script)!.count as number;
  }
}
