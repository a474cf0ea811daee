import type { Scope } from "../../access/actor.ts";
import type { PublishedScript } from "../../scripts/scripts.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { show } from "../parts/layout.tsx";
import { When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { HubError } from "../../errors.ts";
import { ScriptLink, scriptPath } from "../orders/order_words.tsx";
import { fleetPolicy } from "./fleet_policy.ts";
import { PermissionSection } from "./permission_section.tsx";
import { SourceSection } from "./source_section.tsx";
import { VersionSection } from "./version_section.tsx";
import { compareSources, sourceText } from "./source_text.ts";

type Parts = Pick<ConsoleParts, "scripts" | "lists" | "now">;

/** What was published, what of it may run, and what it may touch. */
export function addScriptPages(pages: Pages, { scripts, lists, now }: Parts): void {
  pages.get("/scripts", "orders:read", async (c) => {
    const { tenant } = visitorOf(c);
    const all = await scripts.list(tenant);
    return show(c, {
      title: "Scripts",
      body: (
        <section class="card">
          <ScriptTable scripts={all} now={now()} />
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
    const changes = other && source !== undefined
      ? await compareSources(await sourceText(scripts, tenant, other.sha256) ?? "", source)
      : undefined;
    return show(c, {
      title: script,
      actions: <ScriptActions script={script} version={shown.version} scopes={actor.scopes} />,
      body: (
        <>
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
  { script, version, scopes }: { script: string; version: string; scopes: ReadonlySet<Scope> },
) {
  const at = (action: string) =>
    `${scriptPath(script)}/${action}?version=${encodeURIComponent(version)}`;
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

function ScriptTable({ scripts, now }: { scripts: readonly PublishedScript[]; now: number }) {
  return (
    <Table
      caption="Scripts"
      rows={scripts}
      empty="Nothing was published to the hub yet: writ publish."
      columns={[
        { head: "Script", cell: ({ name }) => <ScriptLink name={name} /> },
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
