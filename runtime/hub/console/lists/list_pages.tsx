import { openEnvelope } from "../../../core/dsse.ts";
import type { PolicyChange } from "../../../policy/mod.ts";
import { requireScope } from "../../access/actor.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { type Form, formOf, type Visitor, visitorOf } from "../environment.ts";
import type { Pages } from "../pages.ts";
import { Field, PostForm } from "../parts/form.tsx";
import { show } from "../parts/layout.tsx";
import { done } from "../parts/notices.ts";
import { Badge, Id, Said, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { visible } from "../parts/visible.ts";
import { rolloutPath } from "../rollouts/rollout_words.tsx";
import { CurrentList } from "./current_list.tsx";

type Parts = Pick<ConsoleParts, "lists" | "rollouts" | "now">;

/** The accept-list: what is in force, what another one would change, and how it is signed. */
export function addListPages(pages: Pages, { lists, rollouts, now }: Parts): void {
  pages.get("/accept-list", "lists:read", async (c) => {
    const visitor = visitorOf(c);
    const { tenant, actor } = visitor;
    const [newest, history, { root }] = await Promise.all([
      lists.newest(tenant),
      lists.history(tenant),
      lists.root(tenant),
    ]);
    return show(c, {
      title: "Accept-list",
      live: "list",
      body: (
        <>
          <CurrentList newest={newest} root={root} now={now()} />
          {actor.scopes.has("lists:write") && <ListForms by={visitor} />}
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
  });

  pages.post("/accept-list/compare", "lists:read", async (c) => {
    const { tenant } = visitorOf(c);
    const payload = payloadOf(formOf(c));
    const changes = await lists.diff(tenant, payload);
    return show(c, {
      title: "What the list would change",
      body: <Comparison changes={changes} />,
    });
  });

  pages.post("/accept-list", "lists:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await lists.put(tenant, actor.who, envelopeOf(formOf(c)));
    return c.redirect(done("/accept-list", "list-taken"), 303);
  });

  pages.post("/accept-list/roll-out", "lists:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    requireScope(actor, "rollouts:write");
    const { id } = await rollouts.createForList(tenant, actor.who, envelopeOf(formOf(c)));
    return c.redirect(done(rolloutPath(id), "rollout-begun"), 303);
  });

  pages.post("/accept-list/root", "lists:write", async (c) => {
    const { tenant, actor } = visitorOf(c);
    await lists.putRoot(tenant, actor.who, envelopeOf(formOf(c)));
    return c.redirect(done("/accept-list", "root-taken"), 303);
  });
}

function ListForms({ by }: { by: Visitor }) {
  return (
    <section class="card">
      <h2>Another list</h2>
      <p>
        The hub can sign no accept-list. Make it where the policy files are, see here what it
        changes, sign it where the keys are, and hand it in.
      </p>
      <pre class="command" tabindex={0}>
        {"writ policy compile --out acceptlist.json\nwrit sign acceptlist.json --key keys/accept.pem"}
      </pre>
      <PostForm to="/accept-list/compare" by={by} label="Compare a list">
        <Field label="A list" hint="The text of acceptlist.json, signed or not">
          <textarea name="document" required />
        </Field>
        <div class="buttons">
          <button type="submit" class="second">See what it changes</button>
          <button type="submit" formaction="/accept-list">Hand in the signed list</button>
          <button type="submit" class="second" formaction="/accept-list/roll-out">
            Hand it in ring by ring
          </button>
          <button type="submit" class="second" formaction="/accept-list/root">
            Hand in a signed root
          </button>
        </div>
      </PostForm>
    </section>
  );
}

const EFFECT = {
  widens: { tone: "warn", word: "allows more" },
  narrows: { tone: "good", word: "allows less" },
  changes: { tone: "busy", word: "is different" },
} as const;

function Comparison({ changes }: { changes: readonly PolicyChange[] }) {
  return (
    <section class="card">
      <Table
        caption="Changes"
        rows={changes}
        empty="The list says what the one in force says."
        columns={[
          { head: "Effect", cell: ({ effect }) => <Badge {...EFFECT[effect]} /> },
          { head: "Of", cell: ({ part, subject }) => <Said text={`${part} ${subject}`} /> },
          {
            head: "What",
            cell: ({ words, unsafe }) =>
              unsafe ? <span class="unsafe">UNSAFE {visible(words)}</span> : visible(words),
          },
        ]}
      />
      <p>
        To put it in force, sign it where a key of the role accept is kept:
      </p>
      <pre class="command" tabindex={0}>writ sign acceptlist.json --key keys/accept.pem</pre>
      <p>
        <a href="/accept-list">Hand in what comes out of it</a>
      </p>
    </section>
  );
}

function envelopeOf(form: Form): Uint8Array {
  return new TextEncoder().encode(form.text("document").trim());
}

/** Of a signed list what is signed, of another one all of it. */
function payloadOf(form: Form): Uint8Array {
  const bytes = envelopeOf(form);
  try {
    const document: unknown = JSON.parse(form.text("document"));
    const isSigned = typeof document === "object" && document !== null && "payloadType" in document;
    return isSigned ? openEnvelope("acceptlist", bytes).payload : bytes;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new HubError("bad_request", "Cannot read the list as it must be JSON", { cause });
  }
}
