import { printable } from "../../core/printable.ts";
import { changeText, type PolicyChange } from "../../policy/mod.ts";
import type { Paint } from "../terminal/paint.ts";

/** Differences of two policies, one a line: red what widens, green what narrows. */
export function changeLines(changes: readonly PolicyChange[], paint: Paint): string[] {
  return changes.map((change) => {
    const text = printable(changeText(change));
    if (change.effect === "changes") return text;
    return change.effect === "widens" ? paint.red(text) : paint.green(text);
  });
}

/** What they come to, in one line. */
export function changeSummary(changes: readonly PolicyChange[]): string {
  if (changes.length === 0) return "no difference";
  const count = (effect: PolicyChange["effect"]) =>
    changes.filter((change) => change.effect === effect).length;
  const unsafe = changes.filter((change) => change.unsafe && change.effect === "widens").length;
  return `${count("widens")} wider${unsafe > 0 ? ` (${unsafe} UNSAFE)` : ""}, ` +
    `${count("narrows")} narrower, ${count("changes")} neither`;
}
