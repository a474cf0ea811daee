import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, formOf, visitorOf } from "../environment.ts";
import { type Pages, requireRole } from "../pages.ts";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { Id, Said, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { refusalOf } from "../refusal.tsx";
import { rolloutPath } from "../rollouts/rollout_words.tsx";
import { CurrentList } from "./current_list.tsx";
import { handedIn, handedInList, listToCompare } from "./handed_in.ts";
import { Comparison, ListForms, nextVersion } from "./next_list.tsx";

type Parts = Pick<ConsoleParts, "lists" | "rollouts" | "now">;

/** The accept-list: what is in force, what another one would change, and how it is signed. */
export function addListPages(pages: Pages, parts: Parts): void {
  const { lists, rollouts } = parts;
  pages.get("/accept-list", "lists:read", (c) => listPage(c, parts, undefined));

  pages.post("/accept-list/compare", "lists:read", async (c) => {
    const { tenant } = visitorOf(c);
    return await orRefuse(c, parts, async () => {
      const changes = await lists.diff(tenant, await listToCompare(formOf(c)));
      const newest = await lists.newest(tenant);
      return show(c, {
        title: "What the list would change",
        body: <Comparison changes={changes} next={nextVersion(newest)} />,
      });
    });
  });

  pages.post("/accept-list", "lists:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    return await orRefuse(c, parts, async () => {
      const form = formOf(c);
      const documents = await handedIn(form);
      await lists.putTogether(tenant, actor.who, documents, form.has("alone"));
      const notice = documents.at(-1)?.kind === "root" ? "root-taken" : "list-taken";
      return c.redirect(done("/accept-list", notice), 303);
    });
  });

  pages.post("/accept-list/roll-out", "lists:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    requireRole(c, "rollouts:write");
    return await orRefuse(c, parts, async () => {
      const list = await handedInList(formOf(c));
      const { id } = await rollouts.createForList(tenant, actor.who, list);
      return c.redirect(done(rolloutPath(id), "rollout-begun"), 303);
    });
  });
}

type Trouble = NonNullable<ReturnType<typeof refusalOf>>;

/** What was pasted stays on the page when it is refused. */
async function orRefuse(
  c: ConsoleContext,
  parts: Parts,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    const trouble = refusalOf(error);
    if (!trouble) throw error;
    return await listPage(c, parts, trouble);
  }
}

async function listPage(
  c: ConsoleContext,
  { lists, now }: Parts,
  trouble: Trouble | undefined,
): Promise<Response> {
  const visitor = visitorOf(c);
  const { tenant, actor } = visitor;
  const [newest, history, { root }] = await Promise.all([
    lists.newest(tenant),
    lists.history(tenant),
    lists.root(tenant),
  ]);
  return await show(c, {
    title: "Accept-list",
    status: trouble?.status ?? 200,
    // What is refused is on the page alone: bringing it up to date would ask for another one.
    ...(!trouble && { live: "list" }),
    body: (
      <>
        {trouble && <p role="alert" class="refusal">{trouble.message}</p>}
        <CurrentList newest={newest} root={root} now={now()} />
        {actor.scopes.has("lists:write") && (
          <ListForms
            by={visitor}
            document={trouble ? formOf(c).text("document") : ""}
            next={nextVersion(newest)}
          />
        )}
        <section class="card" data-part="history">
          <h2>Every list so far</h2>
          <Table
            caption="Accept-lists"
            rows={history}
            empty="There is none yet."
            columns={[
              { head: "Version", cell: ({ version, epoch }) => `${version} of epoch ${epoch}` },
              { head: "Digest", cell: ({ digest }) => <Id id={digest} /> },
              { head: "Taken", cell: ({ stored }) => <When at={stored} now={now()} /> },
              { head: "By", cell: ({ storedBy }) => <Said text={storedBy} /> },
            ]}
          />
        </section>
      </>
    ),
  });
}
