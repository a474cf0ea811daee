import { createHash } from "node:crypto";
import type { FromAgent } from "../../agent/hub_link/wire.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import type { HubEvents } from "../events/hub_events.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { Deliveries } from "../orders/deliveries.ts";
import type { Releases } from "../releases/releases.ts";
import type { ScriptEvents } from "../script_events/script_events.ts";
import type { AgentLink } from "./agent_link.ts";

type Hello = Extract<FromAgent, { type: "hello" }>;
type Facts = Extract<FromAgent, { type: "facts" }>;

/** What is sent next: all that waits, what has room now, or nothing. */
export type Next = "again" | "more" | undefined;

/** What {@linkcode AgentReports} work with. */
export interface AgentReportsOptions {
  database: HubDatabase;
  audit: HubAudit;
  events: HubEvents;
  deliveries: Deliveries;
  releases: Pick<Releases, "refused">;
  scriptEvents: ScriptEvents;
  now(): number;
}

/** What was known of an agent before its hello. */
interface Known {
  readonly instance: string | null;
  readonly instances: string | null;
  readonly warning: string | null;
}

/** What is heard of an agent that nobody has approved yet; the rest it tells again. */
const OF_PENDING: ReadonlySet<FromAgent["type"]> = new Set([
  "alive",
  "hello",
  "facts",
  "document_refused",
]);

const CLONED = "two machines use its key";

const DAY_MS = 24 * 3600_000;

/** Starts of an agent's program that are remembered. */
const INSTANCES = 8;

/** Writes down what agents say. It changes nothing but what is the agent's own. */
export class AgentReports {
  readonly #options: AgentReportsOptions;

  constructor(options: AgentReportsOptions) {
    this.#options = options;
  }

  /**
   * @throws {HubError} bad_request, conflict, database – the connection ends, and the agent says it
   * again.
   */
  async take(link: AgentLink, message: FromAgent): Promise<Next> {
    const { tenant, agent } = link;
    const { deliveries } = this.#options;
    if (!link.isApproved && !OF_PENDING.has(message.type)) return undefined;
    switch (message.type) {
      case "alive":
        return undefined;
      case "hello":
        await this.#hello(link, message);
        return "again";
      case "facts":
        await this.#facts(link, message);
        return undefined;
      case "taken":
      case "refused":
        this.#told(link, await deliveries.answered(tenant, agent, message));
        link.answered(message.order);
        return link.isFull ? "more" : undefined;
      case "events": {
        const stored = await deliveries.report(tenant, agent, message);
        this.#told(link, stored?.order, true);
        // Also for what is no order of this agent's here, so that it does not say it for ever.
        const last = message.events.at(-1);
        const { run = last?.run ?? 0, seq = last?.seq ?? 0, leftOut = 0 } = stored ?? {};
        for (const one of stored?.refused ?? []) {
          link.send({ type: "artefact_refused", order: message.order, ...one });
        }
        link.send({
          type: "stored",
          order: message.order,
          run,
          seq,
          ...(leftOut > 0 && { leftOut }),
        });
        return undefined;
      }
      case "inform":
        await this.#options.scriptEvents.add(tenant, agent, message);
        link.send({ type: "informed", id: message.id });
        return undefined;
      case "trap":
        await this.#options.scriptEvents.add(tenant, agent, message);
        return undefined;
      case "release_refused":
        await this.#options.releases.refused(tenant, agent, message.release, message.code);
        this.#options.events.tell(tenant, { type: "agent", id: agent });
        return undefined;
      case "document_refused":
        await this.#documentRefused(link, message.kind, message.code);
        return undefined;
    }
  }

  #told({ tenant }: AgentLink, order: string | undefined, withLog = false): void {
    if (order === undefined) return;
    const { events } = this.#options;
    events.tell(tenant, { type: "order", id: order });
    if (withLog) events.tell(tenant, { type: "log", order });
  }

  async #hello(link: AgentLink, hello: Hello): Promise<void> {
    const { database, events } = this.#options;
    const { tenant, agent } = link;
    const { version, deno = null, release = null, policy, list, level = null } = hello;
    await database.transaction(async (tx) => {
      await tx.run(
        `UPDATE agents SET version = ?3, deno = ?4, policy = ?5, list_version = ?6, level = ?7,
           running_release = ?8, list_epoch = ?9
         WHERE tenant = ?1 AND id = ?2`,
        [
          ...[tenant, agent, version, deno, policy, list?.version ?? null, level, release],
          list?.epoch ?? null,
        ],
      );
      await this.#compareInstance(tx, link, hello.instance);
    });
    events.tell(tenant, { type: "agent", id: agent });
  }

  /**
   * A program that was started again never comes back as what it was before. One that does is
   * another machine with the same key, which takes turns with this one.
   */
  async #compareInstance(tx: HubQueries, link: AgentLink, instance: string): Promise<void> {
    const { tenant, agent } = link;
    const row = await tx.get<Known>(
      "SELECT instance, instances, warning FROM agents WHERE tenant = ?1 AND id = ?2",
      [tenant, agent],
    );
    if (!row || row.instance === instance) return;
    const before = (row.instances ?? "").split(" ").filter((one) => one !== "");
    const isClone = before.includes(instance);
    const after = [
      ...before.filter((one) => one !== instance),
      ...row.instance ? [row.instance] : [],
    ]
      .slice(-INSTANCES);
    await tx.run(
      `UPDATE agents SET instance = ?3, instances = ?4, warning = coalesce(?5, warning)
       WHERE tenant = ?1 AND id = ?2`,
      [tenant, agent, instance, after.join(" "), isClone ? CLONED : null],
    );
    if (!isClone || row.warning === CLONED) return;
    if (!await this.#isNews(tx, link, "agent_cloned")) return;
    const entry = { who: `agent:${agent}`, action: "agent_cloned", subject: agent };
    await this.#options.audit.append(tx, tenant, entry);
  }

  /** Whether the audit log has not said it of this agent today: nobody can fill it. */
  async #isNews(tx: HubQueries, { tenant, agent }: AgentLink, action: string): Promise<boolean> {
    const said = await tx.get(
      `SELECT 1 FROM audit WHERE tenant = ?1 AND subject = ?2 AND action = ?3 AND at > ?4 LIMIT 1`,
      [tenant, agent, action, this.#options.now() - DAY_MS],
    );
    return said === undefined;
  }

  async #facts(link: AgentLink, { facts }: Facts): Promise<void> {
    const { tenant, agent } = link;
    const now = this.#options.now();
    const hash = createHash("sha256").update(JSON.stringify(facts)).digest("base64");
    const isLate = Math.abs(now - (link.facts?.at ?? 0)) >= HUB_LIMITS.SAME_FACTS_MS;
    if (hash === link.facts?.hash && !isLate) return;
    link.facts = { hash, at: now };
    await this.#options.database.transaction(async (tx) => {
      await tx.run("DELETE FROM facts WHERE tenant = ?1 AND agent = ?2", [tenant, agent]);
      for (const { name, value, script } of facts) {
        const json = JSON.stringify(value ?? null);
        if (json.length > HUB_LIMITS.FACT_BYTES) continue;
        await tx.run(
          `INSERT INTO facts VALUES (?1, ?2, ?3, ?4, ?5, ?6)
           ON CONFLICT (tenant, agent, script, name) DO NOTHING`,
          [tenant, agent, script ?? "", name, json, now],
        );
      }
    });
    this.#options.events.tell(tenant, { type: "agent", id: agent });
  }

  async #documentRefused(link: AgentLink, kind: string, code: string): Promise<void> {
    const { database, audit } = this.#options;
    const { tenant, agent } = link;
    const warning = `refused the hub's ${kind}: ${code}`;
    await database.transaction(async (tx) => {
      const changed = await tx.run(
        `UPDATE agents SET warning = ?3
         WHERE tenant = ?1 AND id = ?2 AND coalesce(warning, '') <> ?3`,
        [tenant, agent, warning],
      );
      // However often it says so, and of whatever in turn, the log says it once a day.
      if (changed === 0 || !link.isApproved || !await this.#isNews(tx, link, "document_refused")) {
        return;
      }
      await audit.append(tx, tenant, {
        who: `agent:${agent}`,
        action: "document_refused",
        subject: agent,
        detail: { kind, code },
      });
    });
    this.#options.events.tell(tenant, { type: "agent", id: agent });
  }
}
