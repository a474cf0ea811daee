import { type Mistake, throwMistakes } from "../errors.ts";

/** What an edit of a policy file made of it. */
export interface EditedText {
  readonly text: string;
  /** Whether the text is another one than before. */
  readonly changed: boolean;
}

/**
 * Edits a text that has no mistakes into one that has none.
 *
 * @param text A file of blanks counts as empty: a lone carriage return would be read as a value.
 * @param check Every mistake of a text.
 * @throws {PolicyError} the first mistake's code – when the text has mistakes, before or after
 */
export function editChecked(
  text: string,
  check: (text: string) => readonly Mistake[],
  edit: (text: string) => string,
): EditedText {
  const before = text.trim() === "" ? "" : text;
  if (before !== "") throwMistakes(check(before));
  const after = edit(before);
  if (after !== text) throwMistakes(check(after));
  return { text: after, changed: after !== text };
}
