import { type Document, isMap } from "yaml";
import type { DenyEntry } from "../../core/documents/acceptlist.ts";
import { decodeAccept } from "../files/accept_file.ts";
import { PolicyFile } from "../yaml/policy_file.ts";
import { editYaml, listOfLines } from "./edit_yaml.ts";
import { editChecked, type EditedText } from "./edited_text.ts";

/**
 * Adds a deny entry to the text of `accept.yaml`; comments and layout stay. An entry that forbids
 * the same already stays as it is, with its own reason.
 *
 * @param text The file; empty for one that does not exist yet.
 * @param file The name that mistakes shall show.
 * @param entry With a reason.
 * @param options.narrowing Whether the folder narrows a signed list.
 * @throws {PolicyError} the first mistake's code – when the text has mistakes, before or after
 *
 * @example
 * ```ts
 * import { denyInYaml } from "./deny_in_yaml.ts";
 * import assert from "node:assert/strict";
 *
 * const entry = { script: "acme/print", range: "<1.2.0", reason: "prints twice" } as const;
 * const { text } = denyInYaml("deny: [] # none yet\n", "accept.yaml", entry, { narrowing: true });
 * assert.ok(text.includes("range: <1.2.0"));
 * assert.equal(denyInYaml(text, "accept.yaml", entry, { narrowing: true }).changed, false);
 * ```
 */
export function denyInYaml(
  text: string,
  file: string,
  entry: DenyEntry,
  { narrowing = false }: { narrowing?: boolean } = {},
): EditedText {
  const check = (content: string) => {
    const parsed = new PolicyFile(file, content);
    decodeAccept(parsed, narrowing);
    return parsed.mistakes;
  };
  return editChecked(text, check, (before) =>
    editYaml(before, (document) => {
      if (!narrowing && !document.has("publishers")) {
        document.set("publishers", document.createNode({}));
      }
      return addEntry(document, entry);
    }));
}

function addEntry(document: Document, entry: DenyEntry): boolean {
  const list = listOfLines(document, "deny");
  const bare = ({ reason: _, ...rest }: Record<string, unknown>) =>
    JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
  const wanted = bare({ ...entry });
  if (list.items.some((item) => isMap(item) && bare(item.toJSON()) === wanted)) return false;
  list.add(document.createNode({ ...entry }, { flow: true }));
  return true;
}
