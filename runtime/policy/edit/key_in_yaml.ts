import { type Document, isMap, isSeq, type YAMLSeq } from "yaml";
import type { PublicKey } from "../../core/documents/common.ts";
import { decodeAccept } from "../files/accept_file.ts";
import { decodeFleet } from "../files/fleet_file.ts";
import { PolicyFile } from "../yaml/policy_file.ts";
import { mistakesOfAccept } from "./accept_in_yaml.ts";
import { editYaml } from "./edit_yaml.ts";
import { editChecked, type EditedText } from "./edited_text.ts";

/** What is to become of one key of a publisher. */
export interface PublisherKeyChange {
  readonly publisher: string;
  readonly key: PublicKey;
  readonly state: "active" | "retired" | "revoked";
  /** For a retired key: it stays good up to this release. */
  readonly maxSequence?: number;
}

/**
 * Adds a publisher's key to the text of `accept.yaml`, or changes the state of one that is there.
 * Comments and layout stay. A publisher that is new gets threshold 1. A key that was revoked stays
 * so: whoever stole it still has it.
 *
 * @throws {PolicyError} the first mistake's code – when the text has mistakes, before or after
 * @throws {RangeError} – when the key is revoked and shall be anything else, or is not there to be
 * retired or revoked
 */
export function publisherKeyInYaml(
  text: string,
  file: string,
  change: PublisherKeyChange,
): EditedText {
  return editChecked(text, (content) => mistakesOfAccept(content, file), (before) => {
    const was = stateOf(before, file, change);
    if (was === "revoked" && change.state !== "revoked") {
      throw new RangeError(`Cannot make ${change.key} ${change.state} as it is revoked`);
    }
    if (was === undefined && change.state !== "active") {
      throw new RangeError(
        `Cannot make ${change.key} ${change.state} as it is no key of "${change.publisher}"`,
      );
    }
    return editYaml(before, (document) => setPublisherKey(document, change));
  });
}

function stateOf(text: string, file: string, { publisher, key }: PublisherKeyChange) {
  const accept = decodeAccept(new PolicyFile(file, text));
  return accept?.publishers.get(publisher)?.keys.find((entry) => entry.key === key)?.state;
}

function setPublisherKey(document: Document, change: PublisherKeyChange): boolean {
  const { publisher, key, state, maxSequence } = change;
  const entry = state === "active" ? key : {
    key,
    state,
    ...(maxSequence !== undefined && { "max-sequence": String(maxSequence) }),
  };
  const node = () => document.createNode(entry, { flow: true });
  const keys = document.getIn(["publishers", publisher, "keys"]);
  if (!isSeq(keys)) {
    if (!isMap(document.get("publishers"))) document.set("publishers", document.createNode({}));
    const fresh = document.createNode({ keys: [entry], threshold: "1" });
    document.setIn(["publishers", publisher], fresh);
    return true;
  }
  const index = indexOf(keys, key);
  if (index < 0) {
    keys.add(node());
    return true;
  }
  const before = JSON.stringify(keys.items[index]);
  const after = node();
  if (JSON.stringify(after) === before) return false;
  keys.items[index] = after;
  return true;
}

/**
 * Adds a key to an orderer of the text of `fleet.yaml`; a new orderer gets threshold 1.
 *
 * @throws {PolicyError} the first mistake's code – when the text has mistakes, before or after
 */
export function ordererKeyInYaml(
  text: string,
  file: string,
  { orderer, key }: { orderer: string; key: PublicKey },
): EditedText {
  const check = (content: string) => {
    const parsed = new PolicyFile(file, content);
    decodeFleet(parsed);
    return parsed.mistakes;
  };
  return editChecked(text, check, (before) =>
    editYaml(before, (document) => {
      const keys = document.getIn(["orderers", orderer, "keys"]);
      if (!isSeq(keys)) {
        const fresh = document.createNode({ keys: [key], threshold: "1" });
        document.setIn(["orderers", orderer], fresh);
        return true;
      }
      if (indexOf(keys, key) >= 0) return false;
      keys.add(document.createNode(key));
      return true;
    }));
}

function indexOf(keys: YAMLSeq, key: PublicKey): number {
  return keys.items.findIndex((item) => String(isMap(item) ? item.get("key") : item) === key);
}
