import type { Scope } from "../../access/actor.ts";
import type { PublishedScript } from "../../scripts/scripts.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { show } from "../parts/layout.tsx";
import { Said, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { HubError } from "../../errors.ts";
import { scriptPath } from "../orders/order_words.tsx";
import { fleetPolicy } from "./fleet_policy.ts";
import { PermissionSection } from "./permission_section.tsx";
import { SourceSection } from "./source_section.tsx";
import { VersionSection } from "./version_section.tsx";
import { SourceComparison } from "./compare_sources.ts";
import { sourceText } from "./source_text.ts";

type Parts = Pick<ConsoleParts, "scripts" | "lists" | "now">;

/** What was published, what of it may run, and what it may touch. */
export function addScriptPages(pages: Pages, { scripts, lists, now }: Parts): void {
  const comparison = new SourceComparison();
  pages.get("/scripts", "orders:read", async (c) => {
    const { tenant } = visitorOf(c);
    const all = await scripts.list(tenant);
    return show(c, {
      title: "Scripts",
      body: (
        <section class="card">
          <For agent={agentOf(c)} />
          <ScriptTable scripts={all} agent={agentOf(c)} now={now()} />
        </section>
      ),
    });
  });

  pages.get("/scripts/:publisher/:name", "orders:read", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const script = nameOf(c);
    const versions = await scripts.versions(tenant, script);
    const shown = versions.find(({ version }) => version === c.req.query("version")) ?? versions[0];
    if (!shown) throw new HubError("not_found", "Cannot find the script");
    const [{ manifest }, policy] = await Promise.all([
      scripts.manifest(tenant, script, shown.version),
      fleetPolicy(lists, tenant),
    ]);
    const source = await sourceText(scripts, tenant, shown.sha256);
    const other = versions.find(({ version }) => version === c.req.query("against"));
    const otherSource = other && await sourceText(scripts, tenant, other.sha256);
    const changes = other && otherSource !== undefined && source !== undefined
      ? await comparison.compare(
        { sha256: other.sha256, text: otherSource },
        { sha256: shown.sha256, text: source },
      )
      : undefined;
    return show(c, {
      title: script,
      actions: (
        <ScriptActions
          script={script}
          version={shown.version}
          agent={agentOf(c)}
          scopes={actor.scopes}
        />
      ),
      body: (
        <>
          <For agent={agentOf(c)} />
          <PermissionSection manifest={manifest} policy={policy} />
          <VersionSection
            versions={versions}
            shown={shown}
            script={script}
            policy={policy}
            now={now()}
          />
          <SourceSection
            versions={versions}
            shown={shown}
            against={other?.version}
            source={source}
            changes={changes}
          />
        </>
      ),
    });
  });
}

function ScriptActions(
  { script, version, agent, scopes }: {
    script: string;
    version: string;
    agent: string | undefined;
    scopes: ReadonlySet<Scope>;
  },
) {
  const query = new URLSearchParams({ version, ...(agent !== undefined && { agent }) });
  const at = (action: string) => `${scriptPath(script)}/${action}?${query}`;
  return (
    <>
      {scopes.has("rollouts:write") && <a class="button second" href={at("roll-out")}>Roll out</a>}
      {scopes.has("orders:write") && <a class="button" href={at("order")}>Order {version}</a>}
    </>
  );
}

/** The script that a path names. */
export function nameOf(c: ConsoleContext): string {
  return `${c.req.param("publisher") ?? ""}/${c.req.param("name") ?? ""}`;
}

/** The agent for which a script is looked for, so that the form of its order names it. */
function agentOf(c: ConsoleContext): string | undefined {
  return c.req.query("agent") || undefined;
}

/** Says for whom somebody looks for a script to order. */
function For({ agent }: { agent: string | undefined }) {
  if (agent === undefined) return null;
  return (
    <p class="hint">
      To order for <Said text={agent} />: choose a script, then its button <b>Order</b>.{" "}
      <a href="?">For nobody in particular</a>
    </p>
  );
}

function ScriptTable(
  { scripts, agent, now }: {
    scripts: readonly PublishedScript[];
    agent: string | undefined;
    now: number;
  },
) {
  const query = agent === undefined ? "" : `?${new URLSearchParams({ agent })}`;
  return (
    <Table
      caption="Scripts"
      rows={scripts}
      empty="Nothing was published to the hub yet: writ publish DIR --to-hub"
      columns={[
        {
          head: "Script",
          cell: ({ name }) => (
            <a href={scriptPath(name) + query}>
              <Said text={name} />
            </a>
          ),
        },
        { head: "Newest", cell: ({ versions }) => versions[0]?.version ?? "" },
        { head: "Versions", cell: ({ versions }) => versions.length },
        {
          head: "Published",
          cell: ({ versions }) => <When at={versions[0]?.published ?? null} now={now} />,
        },
      ]}
    />
  );
}
