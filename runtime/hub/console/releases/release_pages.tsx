import type { ConsoleParts } from "../console_parts.ts";
import { visitorOf } from "../environment.ts";
import { CONSOLE_LIMITS } from "../limits.ts";
import { versionParts } from "../overview/version_parts.ts";
import type { Pages } from "../pages.ts";
import { Bars } from "../parts/charts.tsx";
import { show } from "../parts/layout.tsx";
import { Pager } from "../parts/table.tsx";
import { BehindSection, NewestRelease, ReleaseHelp, ReleaseTable } from "./release_view.tsx";

type Parts = Pick<ConsoleParts, "agents" | "releases" | "rollouts" | "now">;

/** What the address calls the place among the releases, beside that among the agents. */
const EARLIER = "before";

/** Programs that agents become: which there are, how far they are, and who is something else. */
export function addReleasePages(pages: Pages, parts: Parts): void {
  const { agents, releases, rollouts, now } = parts;

  pages.get("/releases", "rollouts:read", async (c) => {
    const { tenant } = visitorOf(c);
    const at = (name: string) => ({
      after: c.req.query(name) || undefined,
      limit: CONSOLE_LIMITS.ROWS,
    });
    const [newest, all, behind, counts] = await Promise.all([
      releases.newest(tenant),
      releases.list(tenant, at(EARLIER)),
      releases.behind(tenant, at("after")),
      agents.overview(tenant),
    ]);
    const rollout = newest && await rollouts.get(tenant, newest.rollout);
    return show(c, {
      title: "Releases",
      live: "releases",
      body: (
        <>
          <div data-part="releases">
            {newest && rollout && <NewestRelease release={newest} rollout={rollout} now={now()} />}
            <div class="charts">
              <section class="card">
                <Bars
                  title="Deno versions"
                  parts={versionParts("deno", counts, newest?.deno)}
                />
              </section>
              <section class="card">
                <Bars
                  title="Writ versions"
                  parts={versionParts("version", counts, newest?.version)}
                />
              </section>
            </div>
            {newest && (
              <BehindSection page={behind} state={newest.state} url={c.req.url} now={now()} />
            )}
            <section class="card">
              <h2>Every release so far</h2>
              <ReleaseTable releases={all.items} now={now()} />
              <Pager url={c.req.url} next={all.next} name={EARLIER} />
            </section>
          </div>
          <ReleaseHelp />
        </>
      ),
    });
  });
}
