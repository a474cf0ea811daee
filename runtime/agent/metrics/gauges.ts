import type { Store } from "../store/store.ts";
import type { Instruments } from "./catalogue.ts";

/** What the gauges are read from. */
export interface GaugeSources {
  store: Store;
  /** When the agent started, milliseconds since the epoch. */
  started: number;
  info(): Promise<{ version: string; deno: string; level: number | null }>;
  running(): number;
  waiting(): number;
  /** Absent where runs need no cells. */
  cells?(): number;
  /** Bytes of the state folder by part, and the most that they may be together. */
  state(): { parts: Readonly<Record<string, number>>; limit: number };
  /** Other agents that are known, blobs offered to them, and bytes of chunks. */
  peers(): { known: number; blobs: number; sent: number; received: number };
}

/** Sets every gauge to what it is now. */
export async function readGauges(sources: GaugeSources, instruments: Instruments): Promise<void> {
  const { set } = instruments;
  const { version, deno, level } = await sources.info();
  set("writ_info", { version, deno, level: String(level ?? "none") }, 1);
  set("writ_start_time_seconds", {}, sources.started / 1_000);
  set("writ_resident_bytes", {}, Deno.memoryUsage().rss);
  set("writ_runs_running", {}, sources.running());
  set("writ_runs_waiting", {}, sources.waiting());
  if (sources.cells) set("writ_cells", {}, sources.cells());
  const rows = sources.store.sql("SELECT count(*) AS rows FROM audit").get();
  set("writ_audit_rows", {}, Number(rows!.rows));
  const { parts, limit } = sources.state();
  for (const [part, bytes] of Object.entries(parts)) set("writ_state_bytes", { part }, bytes);
  set("writ_state_limit_bytes", {}, limit);
  const { known, blobs, sent, received } = sources.peers();
  set("writ_peers_known", {}, known);
  set("writ_shared_blobs", {}, blobs);
  set("writ_swarm_bytes", { way: "sent" }, sent);
  set("writ_swarm_bytes", { way: "received" }, received);
}
