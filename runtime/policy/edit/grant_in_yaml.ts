import { type Document, isMap, isSeq, YAMLSeq } from "yaml";
import type { CAPABILITY_NAMES, Limits } from "../../core/documents/grant.ts";
import { LIMIT_KEYS } from "../ceiling.ts";
import { decodeGrant } from "../files/grant_file.ts";
import { PolicyFile } from "../yaml/policy_file.ts";
import { editYaml } from "./edit_yaml.ts";
import { editChecked, type EditedText } from "./edited_text.ts";

/** What a grant is to give beyond what it gives. */
export interface MoreGranted {
  /** Who else may order. */
  readonly orders?: readonly string[];
  readonly permissions?: readonly {
    readonly kind: "net" | "read" | "write" | "env" | "sys";
    readonly value: string;
  }[];
  readonly capabilities?: readonly (typeof CAPABILITY_NAMES)[number][];
  readonly limits?: Partial<Limits>;
}

/**
 * Widens the text of a grant file; comments and layout stay, and what is granted already is not
 * written again. What needs the word `unsafe` is refused: that is decided by hand.
 *
 * @param file The name that mistakes shall show.
 * @throws {PolicyError} the first mistake's code – when the text has mistakes, before or after
 */
export function grantInYaml(text: string, file: string, more: MoreGranted): EditedText {
  const check = (content: string) => {
    const parsed = new PolicyFile(file, content);
    decodeGrant(parsed);
    return parsed.mistakes;
  };
  // One change at a time, so that each touches as few lines as it can.
  const changes: ((document: Document) => boolean)[] = [
    ...(more.orders ?? []).map((name) => (document: Document) =>
      addToList(document, ["orders"], name)
    ),
    ...(more.permissions ?? []).map(({ kind, value }) => (document: Document) =>
      addToList(document, ["permissions", kind], value)
    ),
    ...(more.capabilities ?? []).map((name) => (document: Document) => {
      if (document.hasIn(["capabilities", name])) return false;
      document.setIn(["capabilities", name], document.createNode({}));
      return true;
    }),
    ...Object.entries(more.limits ?? {}).map(([name, value]) => (document: Document) => {
      const { key, format } = LIMIT_KEYS[name as keyof Limits];
      document.setIn(["limits", key], format(value));
      return true;
    }),
  ];
  return editChecked(text, check, (before) => changes.reduce(editYaml, before));
}

function addToList(document: Document, path: readonly string[], value: string): boolean {
  const [top] = path;
  const list = document.getIn(path);
  if (!isSeq(list)) {
    if (path.length > 1 && !isMap(document.get(top!))) document.set(top!, document.createNode({}));
    const fresh = new YAMLSeq();
    fresh.flow = true;
    fresh.add(document.createNode(value));
    document.setIn(path, fresh);
    return true;
  }
  const there = list.items.some((item) =>
    (isMap(item) ? item.get("address") : item) === value ||
    String(item) === value
  );
  if (there) return false;
  list.add(document.createNode(value));
  return true;
}
