import { fit } from "../ipp/values.ts";

/** What a job is called, and known by. */
export interface Named {
  readonly name: string;
  readonly uuid: string;
}

/** Words of 36 octets that name jobs. */
const UUIDS = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;
/** Letters in a row that are enough to tell two names apart, where one of them was cut. */
const TELLING = 4;

/** The name of a job on a printer: what it is called, and the one word by which it is found again. */
export function nameWithUuid({ name, uuid }: Named): string {
  return `${titleOf(name)} ${uuid}`;
}

/** The job that a name is of: the last UUID counts, as what stands before is somebody's own words. */
export function uuidIn(said: string): string | undefined {
  return said.toLowerCase().match(UUIDS)?.at(-1);
}

/**
 * Whether a printer's job can be ours, by the name that it has there. Printers keep but the beginning
 * of a name, write `?` for what is not ASCII, or put a user before it: without a UUID the plain
 * letters of ours must come in their sequence, up to where the name was cut.
 */
export function canBeNamed(said: string, job: Named): boolean {
  const uuid = uuidIn(said);
  if (uuid !== undefined) return uuid === job.uuid;
  const letters = plainLetters(said).join("");
  // Somebody may print the same document by another way.
  if (said === titleOf(job.name)) return false;
  if (letters !== "") return holdsInTurn(letters, plainLetters(nameWithUuid(job)));
  const [kept] = said.match(/[^\p{ASCII}\ufffd]+/u) ?? [];
  return kept === undefined ? !/^[a-z\d]/i.test(job.name) : job.name.includes(kept);
}

/** As much of a name as leaves room for a UUID. */
function titleOf(name: string): string {
  return fit(name, 255 - 37);
}

/** What every printer keeps as it is: words of ASCII letters and digits. */
function plainLetters(text: string): string[] {
  return text.toLowerCase().match(/[a-z\d]+/g) ?? [];
}

/** Whether the words stand in a text one behind another, up to its end, where one may be cut. */
function holdsInTurn(text: string, words: readonly string[]): boolean {
  const enough = Math.min(TELLING, text.length);
  let at = 0, count = 0;
  for (const word of words) {
    const found = text.indexOf(word, at);
    if (found < 0) {
      const rest = text.slice(at);
      const cut = at > 0 ? rest : rest.slice(-lengthOfCut(rest, word) || rest.length);
      return word.startsWith(cut) && count + cut.length >= enough;
    }
    at = found + word.length;
    count += word.length;
  }
  return true;
}

/** How many letters at the end of a text are those that a word begins with. */
function lengthOfCut(text: string, word: string): number {
  let length = Math.min(text.length, word.length);
  while (!text.endsWith(word.slice(0, length))) length--;
  return length;
}
