import type { Figures, Outcome } from "../../../core/outcome.ts";
import type { Delivery, LogEntry } from "../../orders/order_record.ts";
import type { Page } from "../../page.ts";
import { AgentLink } from "../agents/agent_words.tsx";
import { When } from "../parts/said.tsx";
import { Pager } from "../parts/table.tsx";
import { visible } from "../parts/visible.ts";
import { whyOf } from "../../why_text.ts";
import { count, isoOf } from "../parts/words.ts";
import { DeliveryBadge, orderPath, ScriptLink } from "./order_words.tsx";

/** One run: how it stands, what it says, and what came of it. */
export function RunView(
  { delivery, log, url, now }: {
    delivery: Delivery;
    log: Page<LogEntry>;
    url: string;
    now: number;
  },
) {
  const { outcome, figures } = delivery;
  return (
    <>
      <section class="card" data-part="run">
        <dl>
          <dt>State</dt>
          <dd>
            <DeliveryBadge delivery={delivery} /> <When at={delivery.updated} now={now} />
          </dd>
          <dt>Agent</dt>
          <dd>
            <AgentLink id={delivery.agent} name={delivery.agentName} />
          </dd>
          <dt>Script</dt>
          <dd>
            <ScriptLink name={delivery.script} />
          </dd>
          <dt>Order</dt>
          <dd>
            <a href={orderPath(delivery.order)}>
              <code>{delivery.order}</code>
            </a>
          </dd>
          {figures !== null && <Cost figures={figures} />}
        </dl>
        {delivery.refusal !== null && <Refused code={delivery.refusal} />}
        {outcome !== null && <Result outcome={outcome} />}
      </section>
      <section class="card">
        <h2>Log</h2>
        <div data-part="log">
          {log.items.length === 0
            ? <p class="empty">{emptyText(delivery)}</p>
            : (
              <pre tabindex={0} role="log" aria-label="Log">
              {log.items.map((entry) => <Line entry={entry} />)}
              </pre>
            )}
          <Pager url={url} next={log.next} />
          {delivery.leftOut > 0 && (
            <p class="quiet">
              {count(delivery.leftOut)}{" "}
              events are not kept here, as its runs said more than the hub keeps of one order; the
              agent has them.
            </p>
          )}
        </div>
      </section>
    </>
  );
}

/** By which rule the agent took no order, or no run of it. */
function Refused({ code }: { code: string }) {
  const why = whyOf(code);
  return (
    <>
      <h2>Why it did not run</h2>
      <p>
        <code>{visible(code)}</code>
        {why && `: ${why.because}.`}
      </p>
      {why && why.steps.length > 0 && (
        <ul>
          {why.steps.map((step) => <li>{step}</li>)}
        </ul>
      )}
    </>
  );
}

function Result({ outcome }: { outcome: Outcome }) {
  const told = outcome.outcome === "ok" ? outcome.result : outcome.detail;
  return (
    <>
      {outcome.outcome === "refused" && <Refused code={`${outcome.detail?.rule}`} />}
      <h2>{outcome.outcome === "ok" ? "Result" : "What went wrong"}</h2>
      <pre tabindex={0}>{visible(JSON.stringify(told, null, 2) ?? "nothing", "\n")}</pre>
    </>
  );
}

function Cost({ figures: { cpuMs, wallMs, peakBytes, level, shared } }: { figures: Figures }) {
  const most = shared ? "at most " : "";
  return (
    <>
      <dt>Cost</dt>
      <dd>
        {count(wallMs)} ms, of which {most}
        {count(cpuMs)} ms of processor time; {most}
        {count(Math.round(peakBytes / 1e6))} MB; isolation level {level}
      </dd>
    </>
  );
}

function emptyText({ state, run }: Delivery): string {
  if (run !== null) return "The run has said nothing.";
  return state === "queued" || state === "sent" || state === "taken"
    ? "It has not begun yet."
    : "There was no run.";
}

function Line({ entry: { time, event } }: { entry: LogEntry }) {
  const at = isoOf(time);
  const kind = event.type === "log" ? `line-${event.level}` : `line-${event.type}`;
  return (
    <span class={kind}>
      <time datetime={at}>{at.slice(11, 23)}</time> {visible(eventText(event), "\n")}
      {"\n"}
    </span>
  );
}

function eventText(event: LogEntry["event"]): string {
  switch (event.type) {
    case "log":
      return event.text;
    case "progress":
      return `${Math.round(event.fraction * 100)} % ${event.message ?? ""}`;
    case "event":
      return `event ${event.name} ${JSON.stringify(event.data)}`;
    case "state":
      return `— ${event.state}`;
    case "dropped":
      return `— ${event.count} events were not kept`;
    case "outcome":
      return `— ended: ${event.outcome}`;
  }
}
