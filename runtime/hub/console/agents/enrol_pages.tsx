import type { EnrolTokenRecord } from "../../agents/enrolment.ts";
import { HubError } from "../../errors.ts";
import type { AgentSummary } from "../../agents/agent_record.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, type Form, formOf, type Visitor, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { Field, PostForm, Select } from "../parts/form.tsx";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { Badge, Said, When } from "../parts/said.tsx";
import { Pager, Table } from "../parts/table.tsx";
import { brief } from "../parts/words.ts";
import { AgentField, AgentOptions, agentsNamed, offeredAgents } from "./agent_picker.tsx";
import { AgentLink } from "./agent_words.tsx";

type Parts = Pick<ConsoleParts, "agents" | "enrolment" | "now" | "agentsUrl" | "agentsCa">;

const HOUR_MS = 3_600_000;
const LIVES = [["1", "an hour"], ["24", "a day"], ["168", "a week"]] as const;

/** Tokens by which machines become agents. */
export function addEnrolPages(pages: Pages, parts: Parts): void {
  const { agents, enrolment, now, agentsUrl, agentsCa } = parts;

  pages.get("/enrol", "agents:write", async (c) => {
    const visitor = visitorOf(c);
    const page = await enrolment.list(visitor.tenant, { after: c.req.query("after") });
    const offered = await offeredAgents(agents, visitor.tenant);
    const used = await agents.names(
      visitor.tenant,
      page.items.flatMap(({ usedBy }) => usedBy ?? []),
    );
    return show(c, {
      title: "Enrol machines",
      body: (
        <>
          <NewToken by={visitor} replaces={c.req.query("replaces") ?? ""} offered={offered} />
          <section class="card">
            <h2>Tokens</h2>
            <TokenTable tokens={page.items} names={used} by={visitor} now={now()} />
            <Pager url={c.req.url} next={page.next} />
          </section>
        </>
      ),
    });
  });

  pages.post("/enrol", "agents:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const form = formOf(c);
    const [replaces] = await agentsNamed(agents, tenant, [form.text("replaces")]);
    const made = await enrolment.create(tenant, actor.who, {
      expiresMs: hoursIn(form) * HOUR_MS,
      approved: form.has("approved"),
      labels: form.words("labels"),
      ...(replaces !== undefined && { replaces }),
    });
    const at = agentsCa === undefined ? agentsUrl : `${agentsUrl} --hub-ca ${agentsCa}`;
    return tokenPage(c, { at, token: made.token, approved: form.has("approved") });
  });

  pages.post("/enrol/:id/revoke", "agents:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await enrolment.revoke(tenant, actor.who, c.req.param("id") ?? "");
    return c.redirect(done("/enrol", "token-revoked"), 303);
  });
}

function NewToken(
  { by, replaces, offered }: {
    by: Visitor;
    replaces: string;
    offered: readonly AgentSummary[];
  },
) {
  return (
    <section class="card">
      <h2>A token for one machine</h2>
      <PostForm to="/enrol" by={by} label="New token">
        <Field label="Good for">
          <Select name="hours" options={LIVES} chosen="24" />
        </Field>
        <Field label="Labels" hint="Words between spaces">
          <input name="labels" />
        </Field>
        <Field
          label="In place of"
          hint="The agent whose place the machine takes, if any: it is revoked then"
        >
          <AgentField name="replaces" value={replaces} label="In place of" />
        </Field>
        <AgentOptions offered={offered} />
        <label class="check">
          <input type="checkbox" name="approved" />
          Approved ahead: whoever has the token is in
        </label>
        <button type="submit">Make the token</button>
      </PostForm>
    </section>
  );
}

function TokenTable(
  { tokens, names, by, now }: {
    tokens: readonly EnrolTokenRecord[];
    /** Of the agents that used them. */
    names: ReadonlyMap<string, string>;
    by: Visitor;
    now: number;
  },
) {
  return (
    <Table
      caption="Tokens for enrolling"
      rows={tokens}
      empty="No token was made yet."
      columns={[
        { head: "State", cell: (token) => <TokenState token={token} now={now} /> },
        { head: "Labels", cell: ({ labels }) => labels.join(" ") || "none" },
        { head: "Approval", cell: ({ approved }) => approved ? "ahead" : "needed" },
        { head: "By", cell: ({ createdBy }) => <Said text={createdBy} /> },
        { head: "Made", cell: ({ created }) => <When at={created} now={now} /> },
        { head: "Ends", cell: ({ expires }) => <When at={expires} now={now} /> },
        {
          head: "Used by",
          cell: ({ usedBy }) =>
            usedBy === null
              ? ""
              : <AgentLink id={usedBy} name={names.get(usedBy) ?? brief(usedBy)} />,
        },
        {
          head: "",
          cell: (token) =>
            isOpen(token, now) && (
              <PostForm to={`/enrol/${token.id}/revoke`} by={by} label="Revoke the token">
                <button type="submit" class="danger">Revoke</button>
              </PostForm>
            ),
        },
      ]}
    />
  );
}

function TokenState({ token, now }: { token: EnrolTokenRecord; now: number }) {
  if (token.usedBy !== null) return <Badge tone="good" word="used" />;
  if (token.revoked) return <Badge tone="bad" word="revoked" />;
  return isOpen(token, now)
    ? <Badge tone="busy" word="open" />
    : <Badge tone="quiet" word="expired" />;
}

function isOpen({ usedBy, revoked, expires }: EnrolTokenRecord, now: number): boolean {
  return usedBy === null && !revoked && expires > now;
}

function tokenPage(
  c: ConsoleContext,
  { at, token, approved }: {
    /** The hub's address, as a command line has it. */
    at: string;
    token: string;
    approved: boolean;
  },
): Response | Promise<Response> {
  return show(c, {
    title: "A token for one machine",
    body: (
      <section class="card">
        <h2>1. On the machine</h2>
        <pre class="command" tabindex={0}>writ enrol {at} -</pre>
        <p>
          It waits for the token on its standard input, so that no history of a shell and no list of
          processes shows it: paste it, and press Enter and Ctrl-D.
        </p>
        <h2>2. The token</h2>
        <p class="secret">
          <code>{token}</code>
        </p>
        <p>It is shown once, and good for one machine.</p>
        {!approved && (
          <>
            <h2>3. Here</h2>
            <p>
              Compare the keys and approve it:{" "}
              <a href="/agents?standing=pending">the agents that wait</a>
            </p>
          </>
        )}
        <h2>{approved ? "3" : "4"}. On the machine again</h2>
        <pre class="command" tabindex={0}>writ agent</pre>
        <p>
          Or <code>writ agent install</code>, which has the system start it.{" "}
          {approved && <a href="/agents">To the agents</a>}
        </p>
      </section>
    ),
  });
}

function hoursIn(form: Form): number {
  const found = LIVES.find(([hours]) => hours === form.text("hours"));
  if (!found) throw new HubError("bad_request", "Cannot make a token that is good for so long");
  return Number(found[0]);
}
