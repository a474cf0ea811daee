/** What cannot be seen, or would turn or end the text around it. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}“”]/gu;

/** A name that somebody has given themselves, as it may be shown; empty where nothing is left. */
export function shownName(name: string): string {
  return name.replace(UNSEEN, "").trim();
}

/** The same within a sentence, which it must not be able to go on with. */
export function quoted(name: string): string {
  return `“${name}”`;
}
