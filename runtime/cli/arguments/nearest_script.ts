import { nearestWord } from "../../policy/near_word.ts";

/** The script that was probably meant: one of that name without its publisher, else the nearest. */
export function nearestScript(word: string, scripts: Iterable<string>): string | undefined {
  const all = [...scripts];
  const named = all.filter((script) => script.endsWith(`/${word}`));
  return named.length === 1 ? named[0] : nearestWord(word, all);
}
