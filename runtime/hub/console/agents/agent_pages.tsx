import { is } from "valibot";
import { type KeyId, keyIdSchema } from "../../../core/documents/common.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, formOf, visitorOf } from "../environment.ts";
import { CONSOLE_LIMITS } from "../limits.ts";
import type { Pages } from "../pages.ts";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { visible } from "../parts/visible.ts";
import { AgentFilter, agentQuery, AgentTable } from "./agent_list.tsx";
import { AgentActions, AgentFacts, OrdersOfAgent, ReportedFacts } from "./agent_view.tsx";
import { agentPath } from "./agent_words.tsx";

type Parts = Pick<ConsoleParts, "agents" | "orders" | "releases" | "now">;

/** The agents of the fleet, each by itself, and what is decided about them. */
export function addAgentPages(pages: Pages, { agents, orders, releases, now }: Parts): void {
  pages.get("/agents", "agents:read", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const query = agentQuery(c);
    const page = await agents.list(tenant, { ...query, limit: CONSOLE_LIMITS.ROWS });
    return show(c, {
      title: "Agents",
      live: "agents",
      actions: actor.scopes.has("agents:write") && <a class="button" href="/enrol">Enrol</a>,
      body: (
        <section class="card">
          <AgentFilter query={query} />
          <AgentTable page={page} url={c.req.url} now={now()} />
        </section>
      ),
    });
  });

  pages.get("/agents/:id", "agents:read", async (c) => {
    const visitor = visitorOf(c);
    const agent = await agents.get(visitor.tenant, idOf(c));
    const alone = (await agents.called(visitor.tenant, agent.name)).length === 1;
    const failure = await releases.failureOf(visitor.tenant, agent.id);
    const ordered = await orders.ofAgent(visitor.tenant, agent.id, { after: c.req.query("after") });
    return show(c, {
      title: visible(agent.name),
      actions: agent.standing === "approved" && visitor.actor.scopes.has("orders:write") && (
        <a
          class="button"
          href={`/scripts?agent=${encodeURIComponent(alone ? agent.name : agent.id)}`}
        >
          Order
        </a>
      ),
      live: `agent ${agent.id}`,
      body: (
        <div class="columns-2">
          <AgentFacts agent={agent} failure={failure} now={now()} />
          {visitor.actor.scopes.has("agents:write") && (
            <AgentActions agent={agent} by={visitor} now={now()} />
          )}
          <OrdersOfAgent page={ordered} url={c.req.url} now={now()} />
          <ReportedFacts facts={agent.facts} now={now()} />
        </div>
      ),
    });
  });

  pages.post("/agents/:id/approve", "agents:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const form = formOf(c);
    const replaces = form.has("replaces") ? agentIn(form.text("replaces")) : undefined;
    const labels = form.words("labels");
    await agents.approve(tenant, actor.who, idOf(c), {
      // With none of its own it gets those of the one whose place it takes.
      ...((labels.length > 0 || replaces === undefined) && { labels }),
      replaces,
    });
    return c.redirect(done(agentPath(idOf(c)), "approved"), 303);
  });

  pages.post("/agents/:id/labels", "agents:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await agents.setLabels(tenant, actor.who, idOf(c), formOf(c).words("labels"));
    return c.redirect(done(agentPath(idOf(c)), "labelled"), 303);
  });

  pages.post("/agents/:id/rename", "agents:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await agents.rename(tenant, actor.who, idOf(c), formOf(c).text("name"));
    return c.redirect(done(agentPath(idOf(c)), "renamed"), 303);
  });

  pages.post("/agents/:id/revoke", "agents:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await agents.revoke(tenant, actor.who, idOf(c), formOf(c).text("reason"));
    return c.redirect(done(agentPath(idOf(c)), "revoked"), 303);
  });
}

function agentIn(text: string): KeyId {
  if (is(keyIdSchema, text)) return text;
  throw new HubError("bad_request", "Cannot give a machine the place of what is no agent");
}

function idOf(c: ConsoleContext): string {
  return c.req.param("id") ?? "";
}
