import type { AuditQuery, AuditRow } from "../../audit/hub_audit.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, visitorOf } from "../environment.ts";
import { CONSOLE_LIMITS } from "../limits.ts";
import type { Pages } from "../pages.ts";
import { Field } from "../parts/form.tsx";
import { show } from "../parts/layout.tsx";
import { Pager } from "../parts/table.tsx";
import { agentsIn, AuditTable } from "./audit_table.tsx";
import { csvLine } from "./csv.ts";

type Parts = Pick<ConsoleParts, "agents" | "audit" | "now">;

const DAY_MS = 86_400_000;
const FIELDS = ["who", "action", "subject", "from", "to"] as const;

/** Who did what, to be looked through and taken away. */
export function addAuditPages(pages: Pages, { agents, audit, now }: Parts): void {
  pages.get("/audit", "audit:read", async (c) => {
    const { tenant } = visitorOf(c);
    const query = { ...queryOf(c), after: c.req.query("after"), limit: CONSOLE_LIMITS.ROWS };
    const page = await audit.list(tenant, query);
    const names = await agents.names(tenant, agentsIn(page.items));
    return show(c, {
      title: "Audit log",
      live: "audit",
      body: (
        <section class="card">
          <AuditFilter c={c} />
          <div data-part="audit">
            <AuditTable rows={page.items} names={names} now={now()} />
            <Pager url={c.req.url} next={page.next} />
          </div>
        </section>
      ),
    });
  });

  pages.get("/audit/export", "audit:read", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const format = c.req.query("format");
    if (format !== "csv" && format !== "json") {
      throw new HubError("bad_request", "Cannot export the log but as csv or json");
    }
    const detail = { format, ...queryOf(c) };
    await audit.record(tenant, {
      who: actor.who,
      action: "audit_exported",
      subject: "audit",
      detail,
    });
    return exported(allRows(audit, tenant, queryOf(c)), format);
  });
}

function AuditFilter({ c }: { c: ConsoleContext }) {
  const { who = "", action = "", subject = "", from = "", to = "" } = c.req.query();
  return (
    <form class="filter" role="search" aria-label="Find in the audit log">
      <Field label="Who">
        <input name="who" value={who} placeholder="user:ada" />
      </Field>
      <Field label="Action">
        <input name="action" value={action} placeholder="agent_approved" />
      </Field>
      <Field label="Subject">
        <input name="subject" value={subject} />
      </Field>
      <Field label="From">
        <input type="date" name="from" value={from} />
      </Field>
      <Field label="To">
        <input type="date" name="to" value={to} />
      </Field>
      <button type="submit" class="second">Find</button>
      <button type="submit" class="second" formaction="/audit/export" name="format" value="csv">
        Export CSV
      </button>
      <button type="submit" class="second" formaction="/audit/export" name="format" value="json">
        Export JSON
      </button>
    </form>
  );
}

/** What an address asks for; a day that is none is an error rather than everything. */
function queryOf(c: ConsoleContext): AuditQuery {
  const asked = Object.fromEntries(FIELDS.map((field) => [field, c.req.query(field) || undefined]));
  const { who, action, subject, from, to } = asked;
  return {
    ...{ who, action, subject },
    from: from === undefined ? undefined : dayOf(from),
    to: to === undefined ? undefined : dayOf(to) + DAY_MS,
  };
}

function dayOf(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) throw new HubError("bad_request", "Cannot read the day: it is YYYY-MM-DD");
  return at;
}

async function* allRows(
  audit: ConsoleParts["audit"],
  tenant: string,
  query: AuditQuery,
): AsyncGenerator<AuditRow> {
  let after: string | undefined;
  for (let rows = 0; rows < CONSOLE_LIMITS.EXPORT_ROWS;) {
    const page = await audit.list(tenant, { ...query, after, limit: 500 });
    yield* page.items;
    rows += page.items.length;
    if (page.next === null) return;
    after = page.next;
  }
}

function exported(rows: AsyncIterable<AuditRow>, format: "csv" | "json"): Response {
  const lines = format === "csv" ? csvLines(rows) : jsonLines(rows);
  return new Response(ReadableStream.from(lines).pipeThrough(new TextEncoderStream()), {
    headers: {
      "Content-Type": format === "csv" ? "text/csv; charset=utf-8" : "application/json",
      "Content-Disposition": `attachment; filename="audit.${format}"`,
    },
  });
}

async function* csvLines(rows: AsyncIterable<AuditRow>): AsyncGenerator<string> {
  yield csvLine(["seq", "at", "who", "action", "subject", "detail"]);
  for await (const { seq, at, who, action, subject, detail } of rows) {
    const cells = [String(seq), new Date(at).toISOString(), who, action, subject];
    yield csvLine([...cells, JSON.stringify(detail)]);
  }
}

async function* jsonLines(rows: AsyncIterable<AuditRow>): AsyncGenerator<string> {
  let before = "[\n";
  for await (const row of rows) {
    yield before + JSON.stringify(row);
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}
