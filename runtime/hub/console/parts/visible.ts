/**
 * What a browser obeys rather than shows: control characters, lone surrogates, line separators,
 * and the invisible marks that turn the direction of text.
 */
const INVISIBLE = /\p{Cc}|\p{Cs}|\p{Cf}|\p{Zl}|\p{Zp}/gu;

/**
 * Text of an agent, a script or a file as a person should see it: what would hide or turn what
 * stands beside it is shown as a mark.
 *
 * @param keep Characters that stay, such as line breaks in a log.
 */
export function visible(text: string, keep = ""): string {
  return text.replace(INVISIBLE, (c) => keep.includes(c) ? c : "�");
}
