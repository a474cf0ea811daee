import { WIRE_LIMITS } from "../wire/limits.ts";

/** What cannot be seen, or would turn or end the text around it; half characters, and none at all. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800“”]/gu;
/** Marks over and below a letter, as many as no script needs. */
const TOWER = /(\p{M}{2})\p{M}+/gu;
/** What there must be one of. */
const SEEN = /[\p{L}\p{N}\p{S}\p{P}]/u;

/** A name that somebody has given themselves, as it may be shown; empty where nothing is left. */
export function shownName(name: string): string {
  const shown = name.replace(UNSEEN, "").replace(TOWER, "$1").trim();
  return SEEN.test(shown) ? shown : "";
}

/** A name, with a number where somebody else has it. */
export function nameAmong(taken: readonly string[], name: string): string {
  const isTaken = (one: string) => taken.some((other) => folded(other) === folded(one));
  for (let number = 2, free = name;; number++) {
    if (!isTaken(free)) return free;
    const ending = ` (${number})`;
    free = name.slice(0, WIRE_LIMITS.NAME_CHARS - ending.length).toWellFormed() + ending;
  }
}

/** The same within a sentence, which it must not be able to go on with. */
export function quoted(name: string): string {
  return `“${name}”`;
}

function folded(name: string): string {
  return name.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, " ");
}
