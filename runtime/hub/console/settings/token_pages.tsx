import { type Scope, SCOPES } from "../../access/actor.ts";
import type { ApiToken } from "../../access/api_tokens.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type ConsoleContext, type Form, formOf, type Visitor, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { Field, PostForm, Select } from "../parts/form.tsx";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { Said, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";

type Parts = Pick<ConsoleParts, "tokens" | "now">;

const DAY_MS = 86_400_000;
const LIVES = [["30", "30 days"], ["90", "90 days"], ["365", "a year"]] as const;

/** Tokens by which programs use the hub's API. */
export function addTokenPages(pages: Pages, { tokens, now }: Parts): void {
  pages.get("/tokens", "tokens:write", async (c) => {
    const visitor = visitorOf(c);
    const all = await tokens.list(visitor.tenant);
    return show(c, {
      title: "API tokens",
      body: (
        <>
          <section class="card">
            <TokenTable tokens={all} by={visitor} now={now()} />
          </section>
          <NewToken by={visitor} />
        </>
      ),
    });
  });

  pages.post("/tokens", "tokens:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    const form = formOf(c);
    const { name, token } = await tokens.create(tenant, actor.who, {
      name: form.text("name"),
      scopes: scopesIn(form, actor.scopes),
      expiresMs: daysIn(form) * DAY_MS,
      maker: actor,
    });
    return tokenPage(c, name, token);
  });

  pages.post("/tokens/:id/revoke", "tokens:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await tokens.revoke(tenant, actor.who, c.req.param("id") ?? "");
    return c.redirect(done("/tokens", "token-revoked"), 303);
  });
}

function TokenTable(
  { tokens, by, now }: { tokens: readonly ApiToken[]; by: Visitor; now: number },
) {
  return (
    <Table
      caption="API tokens"
      rows={tokens}
      empty="No program has a token."
      columns={[
        { head: "Name", cell: ({ name }) => <Said text={name} /> },
        { head: "May", cell: ({ scopes }) => scopes.join(", ") },
        { head: "By", cell: ({ createdBy }) => <Said text={createdBy} /> },
        { head: "Used", cell: ({ lastUsed }) => <When at={lastUsed} now={now} /> },
        {
          head: "Ends",
          cell: ({ expires }) => expires === null ? "never" : <When at={expires} now={now} />,
        },
        {
          head: "",
          cell: ({ id, name }) => (
            <PostForm to={`/tokens/${id}/revoke`} by={by} label={`Revoke ${name}`}>
              <button type="submit" class="danger">Revoke</button>
            </PostForm>
          ),
        },
      ]}
    />
  );
}

function NewToken({ by }: { by: Visitor }) {
  const own = SCOPES.filter((scope) => by.actor.scopes.has(scope));
  return (
    <section class="card">
      <h2>New token</h2>
      <PostForm to="/tokens" by={by} label="New token">
        <Field label="Name" hint="What the token is for">
          <input name="name" required maxlength={64} />
        </Field>
        <fieldset>
          <legend>May</legend>
          {own.map((scope) => (
            <label class="check">
              <input type="checkbox" name="scope" value={scope} checked={scope.endsWith(":read")} />
              {scope}
            </label>
          ))}
        </fieldset>
        <Field label="Good for">
          <Select name="days" options={LIVES} />
        </Field>
        <button type="submit">Make the token</button>
      </PostForm>
    </section>
  );
}

function tokenPage(c: ConsoleContext, name: string, token: string): Response | Promise<Response> {
  return show(c, {
    title: `Token ${name}`,
    body: (
      <section class="card">
        <p>This is shown once. Who has it can do all that the token may.</p>
        <p class="secret">
          <code>{token}</code>
        </p>
        <p>
          <a href="/tokens">To the tokens</a>
        </p>
      </section>
    ),
  });
}

/** Nobody gives away what they may not do themselves. */
function scopesIn(form: Form, own: ReadonlySet<Scope>): Scope[] {
  const asked = new Set(form.all("scope"));
  return SCOPES.filter((scope) => asked.has(scope) && own.has(scope));
}

function daysIn(form: Form): number {
  const found = LIVES.find(([days]) => days === form.text("days"));
  if (!found) throw new HubError("bad_request", "Cannot make a token that is good for so long");
  return Number(found[0]);
}
