import { HubError } from "../../errors.ts";
import type { Rollout } from "../../rollout/rollout_record.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, type Form, formOf, visitorOf } from "../environment.ts";
import { CONSOLE_LIMITS } from "../limits.ts";
import { checkedInput } from "../orders/checked_input.ts";
import { scriptPath } from "../orders/order_words.tsx";
import type { Pages } from "../pages.ts";
import { show } from "../parts/layout.tsx";
import { done, type Notice } from "../parts/notices.ts";
import { Said, When } from "../parts/said.tsx";
import { Pager, Table } from "../parts/table.tsx";
import { refusalOf } from "../refusal.tsx";
import { nameOf } from "../scripts/script_pages.tsx";
import { gateOf, ringsOf, RolloutForm } from "./rollout_form.tsx";
import { RolloutActions, RolloutView } from "./rollout_view.tsx";
import { rolloutPath, StateBadge, Subject, subjectText } from "./rollout_words.tsx";

type Parts = Pick<ConsoleParts, "rollouts" | "scripts" | "now">;

/** New versions and lists on their way through the rings. */
export function addRolloutPages(pages: Pages, parts: Parts): void {
  const { rollouts, now } = parts;

  pages.get("/rollouts", "rollouts:read", async (c) => {
    const { tenant } = visitorOf(c);
    const query = { after: c.req.query("after") || undefined, limit: CONSOLE_LIMITS.ROWS };
    const page = await rollouts.list(tenant, query);
    return show(c, {
      title: "Rollouts",
      live: "rollouts",
      body: (
        <section class="card" data-part="rollouts">
          <RolloutTable rollouts={page.items} now={now()} />
          <Pager url={c.req.url} next={page.next} />
        </section>
      ),
    });
  });

  pages.get("/rollouts/:id", "rollouts:read", async (c) => {
    const visitor = visitorOf(c);
    const rollout = await rollouts.get(visitor.tenant, c.req.param("id") ?? "");
    const warning = await rollouts.whyNoWayBack(visitor.tenant, rollout.subject);
    return show(c, {
      title: `Rollout of ${subjectText(rollout)}`,
      live: `rollout ${rollout.id}`,
      actions: visitor.actor.scopes.has("rollouts:write") && (
        <div class="actions" data-part="actions">
          <RolloutActions rollout={rollout} by={visitor} />
        </div>
      ),
      body: <RolloutView rollout={rollout} warning={warning} now={now()} />,
    });
  });

  addNewRolloutPages(pages, parts);
  addActions(pages, parts);
}

function addNewRolloutPages(pages: Pages, { rollouts, scripts }: Parts): void {
  const path = "/scripts/:publisher/:name/roll-out";

  pages.get(path, "rollouts:write", (c) => formPage(c, scripts, undefined, undefined));

  pages.post(path, "rollouts:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const form = formOf(c);
    const script = nameOf(c);
    const { manifest } = await scripts.manifest(tenant, script, c.req.query("version") ?? "");
    try {
      const { id } = await rollouts.create(tenant, actor.who, {
        subject: {
          script: `${manifest.publisher}/${manifest.name}`,
          version: manifest.version,
          before: form.text("before") || null,
          input: await checkedInput(form, manifest),
        },
        rings: ringsOf(form),
        gate: gateOf(form),
      });
      return c.redirect(done(rolloutPath(id), "rollout-begun"), 303);
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      return formPage(c, scripts, form, refusal.message);
    }
  });
}

type Change = (tenant: string, who: string, id: string) => Promise<Rollout>;

function addActions(pages: Pages, { rollouts }: Parts): void {
  const actions: Readonly<Record<string, readonly [Change, Notice]>> = {
    pause: [(...by) => rollouts.pause(...by), "rollout-paused"],
    resume: [(...by) => rollouts.resume(...by), "rollout-resumed"],
    halt: [(...by) => rollouts.halt(...by), "rollout-halted"],
    "take-back": [(...by) => rollouts.takeBack(...by), "rollout-returned"],
  };
  for (const [action, [change, notice]] of Object.entries(actions)) {
    pages.post(`/rollouts/:id/${action}`, "rollouts:write", async (c) => {
      const { tenant, actor } = visitorOf(c);
      const { id } = await change(tenant, actor.who, c.req.param("id") ?? "");
      return c.redirect(done(rolloutPath(id), notice), 303);
    });
  }
}

async function formPage(
  c: ConsoleContext,
  scripts: Parts["scripts"],
  sent: Form | undefined,
  trouble: string | undefined,
): Promise<Response> {
  const visitor = visitorOf(c);
  const script = nameOf(c);
  const versions = await scripts.versions(visitor.tenant, script);
  const version = c.req.query("version") ?? "";
  if (!versions.some((one) => one.version === version)) {
    throw new HubError("not_found", "Cannot find the version");
  }
  const { manifest } = await scripts.manifest(visitor.tenant, script, version);
  const others = versions.map((one) => one.version).filter((other) => other !== version);
  return await show(c, {
    title: `Roll out ${script} ${version}`,
    status: trouble === undefined ? 200 : 400,
    body: (
      <section class="card">
        <RolloutForm
          to={`${scriptPath(script)}/roll-out?version=${encodeURIComponent(version)}`}
          manifest={manifest}
          others={others}
          sent={sent}
          trouble={trouble}
          by={visitor}
        />
      </section>
    ),
  });
}

function RolloutTable({ rollouts, now }: { rollouts: readonly Rollout[]; now: number }) {
  return (
    <Table
      caption="Rollouts"
      rows={rollouts}
      empty="Nothing was rolled out yet: a script's page begins one."
      columns={[
        {
          head: "Begun",
          cell: ({ id, created }) => (
            <a href={rolloutPath(id)}>
              <When at={created} now={now} />
            </a>
          ),
        },
        { head: "What", cell: (rollout) => <Subject rollout={rollout} /> },
        { head: "State", cell: ({ state }) => <StateBadge state={state} /> },
        {
          head: "Rings",
          cell: ({ rings }) =>
            `${rings.filter(({ passed }) => passed !== null).length} of ${rings.length} passed`,
        },
        { head: "By", cell: ({ who }) => <Said text={who} /> },
        { head: "Why it halted", cell: ({ reason }) => reason !== null && <Said text={reason} /> },
      ]}
    />
  );
}
