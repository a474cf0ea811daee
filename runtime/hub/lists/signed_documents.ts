import { payloadType } from "../../core/dsse.ts";
import { HubError } from "../errors.ts";
import type { CarriedKind } from "./carried_documents.ts";

/** A root or an accept-list, as it came; whether its signatures are good is not known yet. */
export interface SignedDocument {
  readonly kind: CarriedKind;
  readonly envelope: Uint8Array;
}

/** @throws {HubError} bad_request – it is something else, or nobody signed it */
export function signedDocument(bytes: Uint8Array): SignedDocument {
  const type = fieldsOf(bytes)?.payloadType;
  if (type === payloadType("root")) return { kind: "root", envelope: bytes };
  if (type === payloadType("acceptlist")) return { kind: "acceptlist", envelope: bytes };
  throw new HubError(
    "bad_request",
    isUnsigned(bytes)
      ? "Cannot take what nobody signed: sign it by writ sign FILE, and hand in what comes out of it"
      : "Cannot take a document as it is neither a signed root nor a signed accept-list",
  );
}

/**
 * Reads signed documents, one a line: an envelope is canonical JSON, and so has no line of its own.
 *
 * @throws {HubError} bad_request – there is none; as `signedDocument()`
 */
export function signedDocuments(lines: Uint8Array): SignedDocument[] {
  const encoder = new TextEncoder();
  const documents = new TextDecoder().decode(lines).split("\n").filter((line) => line !== "");
  if (documents.length > 0) return documents.map((line) => signedDocument(encoder.encode(line)));
  throw new HubError("bad_request", "Cannot take a document as none was handed in");
}

/** Whether it is a root or a list as it is before somebody signs it. */
export function isUnsigned(bytes: Uint8Array): boolean {
  const fields = fieldsOf(bytes);
  return fields !== undefined && "fleet" in fields;
}

function fieldsOf(bytes: Uint8Array): { payloadType?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined; // No JSON: what it should have been, the caller says.
  }
}
