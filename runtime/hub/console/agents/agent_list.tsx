import type { AgentSummary, Lookalike } from "../../agents/agent_record.ts";
import type { AgentQuery } from "../../agents/agents.ts";
import type { Page } from "../../page.ts";
import type { ConsoleContext } from "../environment.ts";
import { Field, Select } from "../parts/form.tsx";
import { type Column, Pager, Table } from "../parts/table.tsx";
import { Said, When } from "../parts/said.tsx";
import { AgentLink, Labels, State } from "./agent_words.tsx";

const STANDINGS = ["pending", "approved", "revoked"] as const;
const PRESENCES = ["online", "late", "offline", "never"] as const;

/** What an address asks for; words that are none are left out. */
export function agentQuery(c: ConsoleContext): AgentQuery {
  const { search, label, version, deno, standing, presence, after } = c.req.query();
  return {
    search: search || undefined,
    label: label || undefined,
    version: version || undefined,
    deno: deno || undefined,
    standing: STANDINGS.find((word) => word === standing),
    presence: PRESENCES.find((word) => word === presence),
    after: after || undefined,
  };
}

/** The fields by which agents are looked for. */
export function AgentFilter({ query }: { query: AgentQuery }) {
  const { search = "", label = "", version = "", deno = "", standing, presence } = query;
  return (
    <form class="filter" role="search" aria-label="Find agents">
      <Field label="Name or id">
        <input type="search" name="search" value={search} />
      </Field>
      <Field label="Label">
        <input name="label" value={label} />
      </Field>
      <Field label="Standing">
        <Select name="standing" chosen={standing} options={choices(STANDINGS)} />
      </Field>
      <Field label="Presence">
        <Select name="presence" chosen={presence} options={choices(PRESENCES)} />
      </Field>
      <Field label="Writ">
        <input name="version" value={version} />
      </Field>
      <Field label="Deno">
        <input name="deno" value={deno} />
      </Field>
      <button type="submit" class="second">Find</button>
    </form>
  );
}

function choices(words: readonly string[]): [string, string][] {
  return [["", "any"], ...words.map((word): [string, string] => [word, word])];
}

function MayBe({ like }: { like: Lookalike }) {
  return (
    <span class="quiet">
      may be <AgentLink {...like} />, which is away
    </span>
  );
}

/** Of a list that looks for nothing in particular: the next step. */
function emptyWords(url: string): string {
  return new URL(url).search === ""
    ? "No machine has enrolled yet: Enrol makes a token for one."
    : "No agent is like this.";
}

/** One page of agents. */
export function AgentTable(
  { page, url, now }: { page: Page<AgentSummary>; url: string; now: number },
) {
  const columns: readonly Column<AgentSummary>[] = [
    { head: "Name", cell: (agent) => <AgentLink {...agent} /> },
    { head: "State", cell: (agent) => <State agent={agent} /> },
    { head: "Labels", cell: (agent) => <Labels agent={agent} /> },
    { head: "Writ", cell: ({ version }) => <Said text={version ?? "—"} /> },
    { head: "Deno", cell: ({ deno }) => <Said text={deno ?? "—"} /> },
    { head: "List", cell: ({ list }) => list ?? "—" },
    { head: "Heard of", cell: ({ lastSeen }) => <When at={lastSeen} now={now} /> },
    {
      head: "Warning",
      cell: ({ warning, looksLike }) => (
        <>
          {warning !== null && (
            <span class="bad">
              <Said text={warning} />
            </span>
          )} {looksLike && <MayBe like={looksLike} />}
        </>
      ),
    },
  ];
  return (
    <div data-part="agents">
      <Table caption="Agents" columns={columns} rows={page.items} empty={emptyWords(url)} />
      <Pager url={url} next={page.next} />
    </div>
  );
}
