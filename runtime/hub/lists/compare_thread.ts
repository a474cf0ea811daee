/**
 * The thread of {@linkcode ListComparer}: compares two accept-lists, and ends with its answer.
 *
 * @module
 */
import { type VerificationCode, VerificationError } from "../../core/errors.ts";
import type { PolicyChange } from "../../policy/mod.ts";
import { HubError } from "../errors.ts";
import { compareLists, type ListsToCompare } from "./compare_lists.ts";

/** What comes of it. */
export type Compared =
  | { readonly changes: PolicyChange[] }
  | { readonly refused: VerificationCode | "too_large"; readonly message: string };

const thread = self as unknown as {
  onmessage: (event: MessageEvent<ListsToCompare>) => void;
  postMessage(answer: Compared): void;
};

thread.onmessage = ({ data }) => {
  try {
    thread.postMessage({ changes: compareLists(data) });
  } catch (error) {
    if (error instanceof VerificationError) return refuse(error.code, error.message);
    if (!(error instanceof HubError && error.code === "too_large")) throw error;
    refuse(error.code, error.message);
  }
};

function refuse(refused: VerificationCode | "too_large", message: string): void {
  thread.postMessage({ refused, message });
}
