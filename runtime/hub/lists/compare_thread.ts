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
    const isHub = error instanceof HubError && error.code === "too_large";
    if (!isHub && !(error instanceof VerificationError)) throw error;
    const { code, message } = error as VerificationError;
    thread.postMessage({ refused: code, message });
  }
};
