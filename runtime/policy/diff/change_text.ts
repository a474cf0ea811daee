import type { PolicyChange } from "./policy_change.ts";

/** Marks what a change does before a word is read, and without colour. */
const MARK = { widens: "+", narrows: "-", changes: "~" } as const;

/**
 * Writes one change as one line: `+ grant acme/print: can read /srv/forms …`. What is unsafe says
 * so in the text.
 *
 * @example
 * ```ts
 * import { changeText } from "./change_text.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(
 *   changeText({
 *     part: "orderer",
 *     subject: "operator",
 *     words: "may not order any more",
 *     effect: "narrows",
 *     unsafe: false,
 *   }),
 *   "- orderer operator: may not order any more",
 * );
 * ```
 */
export function changeText({ part, subject, words, effect, unsafe }: PolicyChange): string {
  const what = subject === "" ? part : `${part} ${subject}`;
  return `${MARK[effect]} ${what}: ${unsafe ? "UNSAFE " : ""}${words}`;
}
