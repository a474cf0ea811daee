import { type Document, isMap, isSeq, type YAMLMap } from "yaml";
import type { AcceptEntry } from "../../core/documents/acceptlist.ts";
import type { PublicKey } from "../../core/documents/common.ts";
import { checkPublishers } from "../cross_check.ts";
import type { Mistake } from "../errors.ts";
import { editYaml, listOfLines } from "./edit_yaml.ts";
import { editChecked, type EditedText } from "./edited_text.ts";
import { decodeAccept } from "../files/accept_file.ts";
import { PolicyFile } from "../yaml/policy_file.ts";

/** What `writ policy accept` adds. */
export interface Acceptance {
  readonly entry: AcceptEntry;
  /** Keys of the entry's publisher that are not in the file yet. */
  readonly keys?: readonly PublicKey[];
}

/**
 * Adds an accept entry, and its publisher where needed, to the text of `accept.yaml`. Comments and
 * layout stay; what is there already is not added again. A new publisher gets threshold 1; keys
 * added to a known one do not change its threshold.
 *
 * @param text the file; empty for one that does not exist yet.
 * @param file the name that mistakes shall show.
 * @returns the new text, checked as the loader would check it.
 * @throws {PolicyError} the first mistake's code – when the text has mistakes, before or after
 *
 * @example
 * ```ts
 * import { acceptInYaml } from "./accept_in_yaml.ts";
 * import assert from "node:assert/strict";
 *
 * const key = "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
 * const entry = { script: "acme/print", range: "^1.4.0" } as const;
 * const { text } = acceptInYaml("", "accept.yaml", { entry, keys: [key] });
 * assert.equal(acceptInYaml(text, "accept.yaml", { entry, keys: [key] }).changed, false);
 * ```
 */
export function acceptInYaml(text: string, file: string, acceptance: Acceptance): EditedText {
  // One change at a time, so that each touches as few lines as it can.
  return editChecked(text, (content) => mistakesOfAccept(content, file), (before) => {
    const withKeys = editYaml(before, (document) => addKeys(document, acceptance));
    return editYaml(withKeys, (document) => addEntry(document, acceptance.entry));
  });
}

function addKeys(document: Document, { entry, keys = [] }: Acceptance): boolean {
  if (!document.has("publishers")) document.set("publishers", document.createNode({}));
  const publisher = entry.script.split("/")[0]!;
  const known = keysIn(document, publisher);
  const fresh = keys.filter((key) => !known.has(key));
  if (fresh.length === 0) return false;
  if (known.size === 0) {
    const publishers = document.get("publishers");
    if (isMap(publishers) && publishers.items.length === 0) publishers.flow = false;
    document.setIn(["publishers", publisher], document.createNode({ keys: fresh, threshold: "1" }));
  } else {
    for (const key of fresh) document.addIn(["publishers", publisher, "keys"], key);
  }
  return true;
}

/** Keys of a publisher in any state: a revoked key is never made active again by accepting. */
function keysIn(document: Document, publisher: string): Set<string> {
  const keys = document.getIn(["publishers", publisher, "keys"]);
  if (!isSeq(keys)) return new Set();
  return new Set(
    keys.items.map((item) => String(isMap(item) ? item.get("key") : item)),
  );
}

function addEntry(document: Document, entry: AcceptEntry): boolean {
  const wanted = yamlEntry(entry);
  const list = listOfLines(document, "accept");
  const present = list.items.some((item) =>
    isMap(item) && same((item as YAMLMap).toJSON(), wanted)
  );
  if (present) return false;
  list.add(document.createNode(wanted, { flow: true }));
  return true;
}

/** The entry as the file writes it; every value a text, as the failsafe schema has it. */
function yamlEntry(entry: AcceptEntry): Record<string, string> {
  if ("sha256" in entry) return { script: entry.script, sha256: entry.sha256 };
  return {
    script: entry.script,
    range: entry.range,
    ...(entry.minSequence !== undefined && { "min-sequence": String(entry.minSequence) }),
  };
}

function same(a: Record<string, unknown>, b: Record<string, string>): boolean {
  const keys = Object.keys(b);
  return Object.keys(a).length === keys.length && keys.every((key) => a[key] === b[key]);
}

/** Every mistake of the text of an `accept.yaml` by itself. */
export function mistakesOfAccept(text: string, name: string): readonly Mistake[] {
  const file = new PolicyFile(name, text);
  const value = decodeAccept(file);
  if (value) checkPublishers({ file, value });
  return file.mistakes;
}
