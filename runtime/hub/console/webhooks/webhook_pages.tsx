import type { Webhook } from "../../webhooks/webhooks.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, formOf, type Visitor, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { Field, PostForm } from "../parts/form.tsx";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { Badge, Said, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { refusalOf } from "../refusal.tsx";

type Parts = Pick<ConsoleParts, "webhooks" | "now">;

/** Addresses that are told what stands in the audit log. */
export function addWebhookPages(pages: Pages, parts: Parts): void {
  const { webhooks } = parts;

  pages.get("/webhooks", "tokens:write", (c) => listPage(c, parts));

  pages.post("/webhooks", "tokens:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const url = formOf(c).text("url").trim();
    try {
      return madePage(c, await webhooks.create(tenant, actor.who, url));
    } catch (error) {
      const refusal = refusalOf(error);
      if (!refusal) throw error;
      return await listPage(c, parts, { url, ...refusal });
    }
  });

  pages.post("/webhooks/:id/test", "tokens:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const { problem } = await webhooks.test(tenant, actor.who, idOf(c));
    const notice = problem === null ? "webhook-answered" : "webhook-failed";
    return c.redirect(done("/webhooks", notice), 303);
  });

  pages.post("/webhooks/:id/remove", "tokens:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await webhooks.remove(tenant, actor.who, idOf(c));
    return c.redirect(done("/webhooks", "webhook-removed"), 303);
  });
}

/** What went wrong with what was asked for before. */
interface Trouble {
  readonly url: string;
  readonly message: string;
  readonly status: NonNullable<ReturnType<typeof refusalOf>>["status"];
}

async function listPage(
  c: ConsoleContext,
  { webhooks, now }: Parts,
  trouble?: Trouble,
): Promise<Response> {
  const visitor = visitorOf(c);
  const all = await webhooks.list(visitor.tenant);
  return await show(c, {
    title: "Webhooks",
    status: trouble?.status ?? 200,
    body: (
      <>
        <section class="card">
          {trouble && <p role="alert" class="refusal">{trouble.message}</p>}
          <WebhookTable webhooks={all} by={visitor} now={now()} />
        </section>
        <NewWebhook by={visitor} url={trouble?.url ?? ""} />
      </>
    ),
  });
}

function WebhookTable(
  { webhooks, by, now }: { webhooks: readonly Webhook[]; by: Visitor; now: number },
) {
  return (
    <Table
      caption="Webhooks"
      rows={webhooks}
      empty="No address is told what happens."
      columns={[
        { head: "Address", cell: ({ url }) => <Said text={url} /> },
        { head: "State", cell: (webhook) => <Health webhook={webhook} /> },
        { head: "By", cell: ({ createdBy }) => <Said text={createdBy} /> },
        { head: "Since", cell: ({ created }) => <When at={created} now={now} /> },
        { head: "", cell: (webhook) => <Actions webhook={webhook} by={by} /> },
      ]}
    />
  );
}

function Health({ webhook: { failures, problem } }: { webhook: Webhook }) {
  if (problem === null) return <Badge tone="good" word="no failures" />;
  const times = failures > 1 ? `, ${failures} times in a row` : "";
  return <Badge tone="bad" word={`failed: ${problem}${times}`} />;
}

function Actions({ webhook: { id, url }, by }: { webhook: Webhook; by: Visitor }) {
  return (
    <div class="buttons">
      <PostForm to={`/webhooks/${id}/test`} by={by} label={`Test ${url}`}>
        <button type="submit" class="second">Test</button>
      </PostForm>
      <PostForm to={`/webhooks/${id}/remove`} by={by} label={`Remove ${url}`}>
        <button type="submit" class="danger">Remove</button>
      </PostForm>
    </div>
  );
}

function NewWebhook({ by, url }: { by: Visitor; url: string }) {
  return (
    <section class="card">
      <h2>Another address</h2>
      <p>
        Every new row of the audit log is posted there as JSON, signed as Standard Webhooks says.
      </p>
      <PostForm to="/webhooks" by={by} label="New webhook">
        <Field label="Address" hint="https">
          <input type="url" name="url" value={url} required maxlength={2000} />
        </Field>
        <button type="submit">Tell this address</button>
      </PostForm>
    </section>
  );
}

function madePage(
  c: ConsoleContext,
  { url, secret }: Webhook & { secret: string },
): Response | Promise<Response> {
  return show(c, {
    title: "The webhook's secret",
    body: (
      <section class="card">
        <p>
          By it <Said text={url} /> knows that a message is the hub's. This is shown once.
        </p>
        <p class="secret">
          <code>{secret}</code>
        </p>
        <p>
          <a href="/webhooks">To the webhooks</a>
        </p>
      </section>
    ),
  });
}

function idOf(c: ConsoleContext): string {
  return c.req.param("id") ?? "";
}
