import { replaceUnprintable } from "../../../core/printable.ts";

/**
 * Text of an agent, a script or a file as a person should see it: what would hide or turn what
 * stands beside it is shown as a mark.
 *
 * @param keep Characters that stay, such as line breaks in a log.
 */
export function visible(text: string, keep = ""): string {
  return replaceUnprintable(text, (c) => keep.includes(c) ? c : "�");
}
