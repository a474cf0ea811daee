import type { AttachmentHandle } from "writ";
import type { HandedJob } from "../../scripts/print/target/hand_over.ts";
import { attachment } from "./fake_context.ts";

/** A job as another agent hands it over. */
export function handedJob(changes: Partial<HandedJob> = {}): HandedJob {
  const uuid = crypto.randomUUID();
  const same = { uuid, name: "notes", user: "ada", format: "text/plain", template: "" };
  return { ...same, copies: 1, fidelity: false, ...changes };
}

/** Its document. */
export function textDocument(words: string): AttachmentHandle {
  return attachment("notes", "text/plain", new TextEncoder().encode(words));
}
