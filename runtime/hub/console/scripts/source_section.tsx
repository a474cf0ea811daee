import type { ScriptVersion } from "../../scripts/scripts.ts";
import { Field, Select } from "../parts/form.tsx";
import { Id } from "../parts/said.tsx";
import { visible } from "../parts/visible.ts";
import type { SourceChange } from "./compare_sources.ts";

/** A version's source as it was hashed, or what is different from another version. */
export function SourceSection(
  { versions, shown, against, source, changes }: {
    versions: readonly ScriptVersion[];
    shown: ScriptVersion;
    against: string | undefined;
    source: string | undefined;
    changes: readonly SourceChange[] | undefined;
  },
) {
  return (
    <section class="card">
      <h2>Source of {shown.version}</h2>
      <p class="quiet">
        These very bytes have the hash <Id id={shown.sha256} />
      </p>
      <form class="filter" aria-label="Compare versions">
        <input type="hidden" name="version" value={shown.version} />
        <Field label="Compared with">
          <Select
            name="against"
            chosen={against}
            options={[
              ["", "nothing"],
              ...versions.filter(({ version }) => version !== shown.version)
                .map(({ version }): [string, string] => [version, version]),
            ]}
          />
        </Field>
        <button type="submit" class="second">Compare</button>
      </form>
      {against === undefined ? <Source text={source} /> : <Changes changes={changes} />}
    </section>
  );
}

function Source({ text }: { text: string | undefined }) {
  if (text === undefined) return <p class="empty">The module is too long to be shown here.</p>;
  return <pre tabindex={0} aria-label="Source">{visible(text, "\n\t")}</pre>;
}

function Changes({ changes }: { changes: readonly SourceChange[] | undefined }) {
  if (!changes) return <p class="empty">The versions are too different to be compared here.</p>;
  if (changes.length === 0) return <p class="empty">The modules are the same.</p>;
  return (
    <pre tabindex={0} aria-label="Differences">
      {changes.map(({ kind, text }) => (
        <span class={kind === "place" ? "quiet" : kind}>{`${visible(text, "\t")}\n`}</span>
      ))}
    </pre>
  );
}
