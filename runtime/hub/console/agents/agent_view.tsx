import type { Child } from "hono/jsx";
import type { AgentDetail, Fact, Lookalike } from "../../agents/agent_record.ts";
import type { Delivery } from "../../orders/order_record.ts";
import { LOOKED_THROUGH } from "../../orders/read_deliveries.ts";
import type { Page } from "../../page.ts";
import type { FailedRelease } from "../../releases/releases.ts";
import { whyLine, whyText } from "../../why_text.ts";
import type { Visitor } from "../environment.ts";
import { Field, PostForm } from "../parts/form.tsx";
import { Id, Said, When } from "../parts/said.tsx";
import { visible } from "../parts/visible.ts";
import { Pager, Table } from "../parts/table.tsx";
import { DeliveryBadge, runPath, ScriptLink } from "../orders/order_words.tsx";
import { rolloutPath } from "../rollouts/rollout_words.tsx";
import { AgentLink, agentPath, Labels, State } from "./agent_words.tsx";
import { factWords } from "./fact_words.ts";

/** What is known of one agent. */
export function AgentFacts(
  { agent, failure, now }: {
    agent: AgentDetail;
    /** The release that it did not become. */
    failure: FailedRelease | undefined;
    now: number;
  },
) {
  const { presence, warning } = agent;
  return (
    <section class="card" data-part="agent">
      {failure && (
        <p role="alert" class="refusal">
          It did not become <a href={rolloutPath(failure.rollout)}>release {failure.number}</a>:
          {" "}
          <Said text={whyLine(failure.code) ?? whyText(failure.code)} />
        </p>
      )}
      {warning !== null && (
        <p role="alert" class="refusal">
          <Said text={warning} />
        </p>
      )}
      <dl>
        <Row head="State">
          <State agent={agent} />{" "}
          {presence.since !== null && <When at={presence.since} now={now} />}
          {presence.reason !== null && (
            <span class="quiet">
              : <Said text={presence.reason} />
            </span>
          )}
        </Row>
        <Row head="Labels">
          <Labels agent={agent} />
        </Row>
        <Row head="Key">
          <code class="long">{agent.id}</code>
        </Row>
        <Row head="Writ">
          <Said text={agent.version ?? "not told"} />
        </Row>
        <Row head="Deno">
          <Said text={agent.deno ?? "not told"} />
        </Row>
        <Row head="Release">{agent.release ?? "as installed"}</Row>
        <Row head="Accept-list">{agent.list === null ? "none yet" : `version ${agent.list}`}</Row>
        <Row head="Policy">{agent.policy === null ? "not told" : <Id id={agent.policy} />}</Row>
        <Row head="Isolation">{agent.level === null ? "not told" : `level ${agent.level}`}</Row>
        <Row head="Heard of">
          <When at={agent.lastSeen} now={now} />
        </Row>
        <Row head="Enrolled">
          <When at={agent.enrolled} now={now} />
        </Row>
        {agent.approvedBy !== null && (
          <Row head="Approved by">
            <Said text={agent.approvedBy} />
          </Row>
        )}
        {agent.revokedFor !== null && (
          <Row head="Revoked for">
            <Said text={agent.revokedFor} />
          </Row>
        )}
        {agent.replaces !== null && (
          <Row head="In place of">
            <AgentLink id={agent.replaces} name={agent.replaces} />
          </Row>
        )}
        {agent.replacedBy !== null && (
          <Row head="Replaced by">
            <AgentLink id={agent.replacedBy} name={agent.replacedBy} />
          </Row>
        )}
      </dl>
    </section>
  );
}

/** What the agent was ordered, the newest first. */
export function OrdersOfAgent(
  { page, url, now }: { page: Page<Delivery>; url: string; now: number },
) {
  return (
    <section class="card" data-part="orders">
      <h2>Orders</h2>
      <Table
        caption="Orders of the agent"
        rows={page.items}
        empty={page.next === null
          ? "It was ordered nothing yet."
          : `It was ordered nothing among ${
            LOOKED_THROUGH.toLocaleString("en")
          } orders of the fleet.`}
        columns={[
          { head: "Script", cell: ({ script }) => <ScriptLink name={script} /> },
          { head: "State", cell: (delivery) => <DeliveryBadge delivery={delivery} /> },
          { head: "Changed", cell: ({ updated }) => <When at={updated} now={now} /> },
          { head: "Run", cell: ({ order, agent }) => <a href={runPath(order, agent)}>look</a> },
        ]}
      />
      <Pager url={url} next={page.next} />
    </section>
  );
}

/** What the agent, and scripts on it, say of the machine. None of it is proven. */
export function ReportedFacts({ facts, now }: { facts: readonly Fact[]; now: number }) {
  return (
    <section class="card" data-part="facts">
      <h2>What the machine says of itself</h2>
      <Table
        caption="Facts"
        rows={facts}
        empty="It says nothing: its policy may not let it."
        columns={[
          { head: "Fact", cell: ({ name }) => <Said text={name} /> },
          { head: "Value", cell: ({ name, value }) => <Said text={factWords(name, value)} /> },
          { head: "From", cell: ({ script }) => <Said text={script ?? "the agent"} /> },
          { head: "When", cell: ({ at }) => <When at={at} now={now} /> },
        ]}
      />
    </section>
  );
}

/** Gives the machine the place of one that is called alike; the names alone prove nothing. */
function InPlaceOf({ like, now }: { like: Lookalike; now: number }) {
  return (
    <label class="check">
      <input type="checkbox" name="replaces" value={like.id} />
      <span>
        In place of <AgentLink {...like} />, away since{" "}
        <When at={like.since} now={now} />: it gets its name, labels and orders that wait, and that
        one is revoked
      </span>
    </label>
  );
}

/** What an admin can do to the agent. */
export function AgentActions(
  { agent, by, now }: { agent: AgentDetail; by: Visitor; now: number },
) {
  const path = agentPath(agent.id);
  const labels = agent.labels.join(" ");
  return (
    <section class="card actions-card">
      <h2>Change</h2>
      {agent.standing === "pending" && (
        <PostForm to={`${path}/approve`} by={by} label="Approve">
          <p>
            Compare the key with what <code>writ enrol</code> showed on the machine.
          </p>
          <Field label="Labels" hint="Words between spaces">
            <input name="labels" value={labels} />
          </Field>
          {agent.looksLike && <InPlaceOf like={agent.looksLike} now={now} />}
          <button type="submit">Approve</button>
        </PostForm>
      )}
      {agent.standing !== "pending" && (
        <PostForm to={`${path}/labels`} by={by} label="Labels">
          <Field label="Labels" hint="Words between spaces; those of the signed list stay">
            <input name="labels" value={labels} />
          </Field>
          <button type="submit" class="second">Set labels</button>
        </PostForm>
      )}
      <PostForm to={`${path}/rename`} by={by} label="Name">
        <Field label="Name">
          <input name="name" value={visible(agent.name)} required maxlength={64} />
        </Field>
        <button type="submit" class="second">Set name</button>
      </PostForm>
      {agent.standing !== "revoked" && (
        <PostForm to={`${path}/revoke`} by={by} label="Revoke">
          <Field label="Reason">
            <input name="reason" required maxlength={500} />
          </Field>
          <button type="submit" class="danger">Revoke for good</button>
        </PostForm>
      )}
    </section>
  );
}

function Row({ head, children }: { head: string; children?: Child }) {
  return (
    <>
      <dt>{head}</dt>
      <dd>{children}</dd>
    </>
  );
}
