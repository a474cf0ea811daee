import type { AuditRow } from "../../audit/hub_audit.ts";
import { AgentLink } from "../agents/agent_words.tsx";
import { orderPath } from "../orders/order_words.tsx";
import { At, Named, Said } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { brief } from "../parts/words.ts";
import { rolloutPath } from "../rollouts/rollout_words.tsx";

const AGENT = /writ-key:[\w-]{43}/;
const ALL_AGENTS = new RegExp(AGENT, "g");
/** Entries of a detail that are moments. */
const MOMENTS: readonly string[] = ["expires", "until"];

/** The keys of agents that rows speak of. */
export function agentsIn(rows: readonly AuditRow[]): string[] {
  return JSON.stringify(rows).match(ALL_AGENTS) ?? [];
}

/** Rows of the audit log. */
export function AuditTable(
  { rows, names, now }: {
    rows: readonly AuditRow[];
    /** Of agents, by key. */
    names: ReadonlyMap<string, string>;
    now: number;
  },
) {
  return (
    <Table
      caption="Audit log, the newest first"
      rows={rows}
      empty="Nothing like this was done."
      columns={[
        { head: "When, UTC", cell: ({ at }) => <At at={at} now={now} /> },
        { head: "Who", cell: ({ who }) => <Thing text={who} names={names} /> },
        { head: "Action", cell: ({ action }) => <Action action={action} /> },
        { head: "To what", cell: (row) => <Subject row={row} names={names} /> },
        { head: "Detail", cell: (row) => <Detail row={row} names={names} now={now} /> },
      ]}
    />
  );
}

/** A word of the log: it breaks nowhere but between its parts. */
function Action({ action }: { action: string }) {
  return (
    <span class="action">
      {action.split("_").flatMap((part, i) => i === 0 ? part : ["_", <wbr />, part])}
    </span>
  );
}

function Subject(
  { row: { action, subject }, names }: { row: AuditRow; names: ReadonlyMap<string, string> },
) {
  const path = action.startsWith("rollout_")
    ? rolloutPath(subject)
    : action === "ordered" || action.startsWith("order_")
    ? orderPath(subject)
    : undefined;
  if (path === undefined) return <Thing text={subject} names={names} />;
  return (
    <a href={path}>
      <Named text={brief(subject)} />
    </a>
  );
}

/** Text in which an agent's key stands for the agent. */
function Thing({ text, names }: { text: string; names: ReadonlyMap<string, string> }) {
  const id = AGENT.exec(text)?.[0];
  const name = id && names.get(id);
  if (id === undefined || name === undefined) return <Named text={text} />;
  return (
    <span title={id}>
      <AgentLink id={id} name={name} />
    </span>
  );
}

function Detail(
  { row: { detail }, names, now }: {
    row: AuditRow;
    names: ReadonlyMap<string, string>;
    now: number;
  },
) {
  const said = Object.entries(detail).filter(([, value]) => hasSomething(value));
  if (said.length === 0) return null;
  return (
    <ul class="detail">
      {said.map(([key, value]) => (
        <li>
          <span class="quiet">
            <Said text={key} />
          </span>{" "}
          {typeof value === "number" && MOMENTS.includes(key)
            ? <At at={value} now={now} />
            : <Thing text={valueText(value)} names={names} />}
        </li>
      ))}
    </ul>
  );
}

function hasSomething(value: unknown): boolean {
  return value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}

/** Lists by commas, what is in them by spaces; digests in short. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map((one) => Array.isArray(one) ? one.map(valueText).join(" ") : valueText(one))
      .join(", ");
  }
  if (typeof value !== "string") {
    return value === true ? "yes" : value === false ? "no" : JSON.stringify(value);
  }
  return /^(?:sha256|ed25519):/.test(value) ? brief(value) : value;
}
