import type { PolicyChange } from "../../../policy/mod.ts";
import type { NewestList } from "../../lists/lists.ts";
import type { Visitor } from "../environment.ts";
import { Field, PostForm } from "../parts/form.tsx";
import { Badge, Said } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { visible } from "../parts/visible.ts";

/** The version that the next list has. */
export function nextVersion(newest: NewestList | undefined): number {
  return (newest?.list.version ?? 0) + 1;
}

/** How a list is signed, and kept where the next one is made from it. */
function SignCommand({ next }: { next: number }) {
  return (
    <pre class="command" tabindex={0}>
      {`writ sign acceptlist.json --key keys/accept.pem \\\n  --out policy/signed/acceptlist.${next}.json`}
    </pre>
  );
}

/** The forms for another list. */
export function ListForms(
  { by, document, next }: {
    by: Visitor;
    /** What was pasted before, and refused. */
    document: string;
    next: number;
  },
) {
  return (
    <section class="card">
      <h2>Another list</h2>
      <p>
        The hub can sign no accept-list. Make it in the fleet's folder, where the policy files are,
        and see here what it changes:
      </p>
      <pre class="command" tabindex={0}>
        writ policy compile --expires '30 d' --out acceptlist.json
      </pre>
      <p>Sign it where the keys are, keep it with the others, and hand in what comes out of it:</p>
      <SignCommand next={next} />
      <PostForm to="/accept-list/compare" by={by} label="Hand in a list" files>
        <Field
          label="Files"
          hint="The accept-list. A root under which the newest list does not hold comes with the next one, and neither is taken without the other"
        >
          <input type="file" name="files" multiple accept=".json" />
        </Field>
        <Field label="Or its text" hint="To see what a list changes, it need not be signed">
          <textarea name="document" spellcheck={false}>{document}</textarea>
        </Field>
        <label class="check">
          <input type="checkbox" name="alone" />
          Take a root also without the list that holds under it: agents run nothing until there is
          one
        </label>
        <div class="buttons">
          <button type="submit" class="second">See what it changes</button>
          <button type="submit" formaction="/accept-list">Hand in what is signed</button>
          <button type="submit" class="second" formaction="/accept-list/roll-out">
            Hand in the list ring by ring
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

/** What another list would change. */
export function Comparison(
  { changes, next }: { changes: readonly PolicyChange[]; next: number },
) {
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
        To put it in force, sign it in the fleet's folder, where a key of the role{" "}
        <code>accept</code> is kept:
      </p>
      <SignCommand next={next} />
      <p>
        <a href="/accept-list">Hand in what comes out of it</a>
      </p>
    </section>
  );
}
