import type { HubQueries } from "../database/hub_database.ts";
import { HUB_LIMITS } from "../limits.ts";

/** How many agents a tenant has, and of which kinds. */
export interface FleetCounts {
  readonly total: number;
  readonly online: number;
  readonly late: number;
  /** Those that were never connected are among them. */
  readonly offline: number;
  readonly pending: number;
  readonly revoked: number;
  readonly warnings: number;
  /** Of those that are approved; `""` stands for what is not known. */
  readonly byVersion: Readonly<Record<string, number>>;
  readonly byDeno: Readonly<Record<string, number>>;
  /** By the version of the accept-list that they work by. */
  readonly byList: Readonly<Record<string, number>>;
}

interface Row {
  standing: string;
  state: "online" | "late" | "offline";
  warned: number;
  version: string | null;
  deno: string | null;
  list: number | null;
  count: number;
}

/** Counts the agents of one tenant, in one pass over them. */
export async function fleetCounts(
  from: HubQueries,
  tenant: string,
  now: number,
): Promise<FleetCounts> {
  const rows = await from.all<Row>(
    `SELECT standing, CASE WHEN link IS NULL THEN 'offline'
         WHEN coalesce(last_seen, link_since, 0) >= ?2 THEN 'online' ELSE 'late' END AS state,
       CASE WHEN warning IS NULL THEN 0 ELSE 1 END AS warned, version, deno,
       list_version AS list, count(*) AS count
     FROM agents WHERE tenant = ?1 GROUP BY 1, 2, 3, 4, 5, 6`,
    [tenant, now - HUB_LIMITS.LATE_MS],
  );
  const sum = (fits: (row: Row) => boolean) =>
    rows.reduce((total, row) => fits(row) ? total + row.count : total, 0);
  const approved = rows.filter(({ standing }) => standing === "approved");
  const present = (state: Row["state"]) =>
    approved.reduce((total, row) => row.state === state ? total + row.count : total, 0);
  return {
    total: sum(() => true),
    online: present("online"),
    late: present("late"),
    offline: present("offline"),
    pending: sum(({ standing }) => standing === "pending"),
    revoked: sum(({ standing }) => standing === "revoked"),
    warnings: sum(({ warned }) => warned === 1),
    byVersion: tally(approved, ({ version }) => version),
    byDeno: tally(approved, ({ deno }) => deno),
    byList: tally(approved, ({ list }) => list),
  };
}

function tally(rows: readonly Row[], of: (row: Row) => string | number | null) {
  // No object: an agent may call its version "toString".
  const counts = new Map<string, number>();
  for (const row of rows) {
    const key = String(of(row) ?? "");
    counts.set(key, (counts.get(key) ?? 0) + row.count);
  }
  return Object.fromEntries(counts);
}
