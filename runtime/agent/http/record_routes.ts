import { Hono } from "hono";
import type { AuditLog } from "../audit/audit_log.ts";
import type { AuditRow } from "../audit/audit_row.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Store } from "../store/store.ts";
import type { TrustedDocument, TrustedDocumentTable } from "../store/trusted_documents.ts";
import { countFrom, numberFrom } from "./parameters.ts";
import { HttpRefusal } from "./refusal.ts";

/** What {@linkcode recordRoutes} work with. */
export interface RecordParts {
  store: Store;
  audit: Pick<AuditLog, "head" | "append">;
  acceptLists: TrustedDocumentTable;
}

/**
 * The audit log, for the local operator, and the accept-lists, for peers too and nobody else: grants
 * are a map of the network.
 */
export function recordRoutes({ store, audit, acceptLists }: RecordParts): Hono {
  const app = new Hono();

  app.get("/v1/audit", (c) => {
    // What happened already may still be on its way to the disk.
    store.flush();
    const limit = countFrom(c.req.query("limit"), 100, AGENT_LIMITS.PAGE);
    const after = c.req.query("after");
    const rows = after === undefined
      ? store.sql("SELECT * FROM audit ORDER BY seq DESC LIMIT ?").all(limit).reverse()
      : store.sql("SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?")
        .all(numberFrom(after), limit);
    return c.json({ rows: rows as unknown as AuditRow[], head: audit.head });
  });

  app.get("/v1/acceptlists/:version", (c) => {
    const version = c.req.param("version");
    const list = version === "newest"
      ? newerThan(numberFrom(c.req.query("epoch")), numberFrom(c.req.query("version")))
      : acceptLists.get(numberFrom(version));
    if (!list) throw new HttpRefusal("not_found");
    return c.body(new Uint8Array(list.envelope), 200, { "content-type": "application/json" });
  });

  /** What an agent that has this one would want. */
  function newerThan(epoch: number, version: number): TrustedDocument | undefined {
    const newest = acceptLists.latest();
    if (!newest || newest.epoch < epoch) return undefined;
    return newest.epoch > epoch || newest.version > version ? newest : undefined;
  }

  return app;
}
