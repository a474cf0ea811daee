import type { Store } from "./store.ts";

/** Reads one remembered value. */
export function getMeta(store: Store, key: string): string | undefined {
  return store.sql("SELECT value FROM meta WHERE key = ?").get(key)?.value as string | undefined;
}

/** Remembers one value. Call inside `Store.write()`. */
export function setMeta(store: Store, key: string, value: string): void {
  store.sql("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
    .run(key, value);
}
