import type { Root } from "../../../core/documents/root.ts";
import type { NewestList } from "../../lists/lists.ts";
import { ScriptLink } from "../orders/order_words.tsx";
import { Id, Said, When } from "../parts/said.tsx";

/** The list in force, in short. */
export function CurrentList(
  { newest, root, now }: { newest: NewestList | undefined; root: Root; now: number },
) {
  if (!newest) {
    return (
      <section class="card" data-part="list">
        <p class="empty">The fleet has no accept-list yet: its agents run nothing.</p>
        <RootFacts root={root} now={now} />
      </section>
    );
  }
  const { list, digest } = newest;
  const expires = Date.parse(list.expires);
  const soon = expires - now < 7 * 86_400_000;
  return (
    <section class="card" data-part="list">
      <dl>
        <dt>In force</dt>
        <dd>
          version {list.version} of epoch {list.epoch}, <Id id={digest} />
        </dd>
        <dt>Issued</dt>
        <dd>
          <When at={Date.parse(list.issued)} now={now} />
        </dd>
        <dt>{expires > now ? "Expires" : "Expired"}</dt>
        <dd class={soon ? "unsafe" : undefined}>
          <When at={expires} now={now} />
        </dd>
        <dt>Publishers</dt>
        <dd>
          <Said text={Object.keys(list.publishers).join(", ") || "none"} />
        </dd>
        <dt>Grants</dt>
        <dd class="labels">
          {list.grants.map(({ script }) => <ScriptLink name={script} />)}
        </dd>
      </dl>
      <RootFacts root={root} now={now} />
    </section>
  );
}

function RootFacts({ root, now }: { root: Root; now: number }) {
  return (
    <dl>
      <dt>Root</dt>
      <dd>
        version {root.version} of fleet {root.fleet}, expires{" "}
        <When at={Date.parse(root.expires)} now={now} />
      </dd>
      <dt>Orderers</dt>
      <dd>
        <Said text={Object.keys(root.orderers).join(", ")} />
      </dd>
    </dl>
  );
}
