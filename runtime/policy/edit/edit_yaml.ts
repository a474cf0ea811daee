import { type Document, isMap, isSeq, parseDocument, YAMLSeq } from "yaml";

/**
 * Makes one change to a YAML text and leaves every comment and all layout as they were. The library
 * would write the whole file in its own manner (`[ a ]` for `[a]`), so only the lines that the
 * change touches are taken from it.
 *
 * @param text The file; what is not a mapping becomes one.
 * @param change Answers whether it changed anything.
 */
export function editYaml(text: string, change: (document: Document) => boolean): string {
  const document = parseDocument(text, { schema: "failsafe", version: "1.2" });
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  const before = document.toString(STYLE).split("\n");
  if (!change(document)) return text;
  const after = document.toString(STYLE).split("\n");
  const written = (text.endsWith("\n") ? text : `${text}\n`).split("\n");
  // Only where the two are the same but for spaces is it known which line is which.
  const bare = (line: string | undefined) => line?.replaceAll(/\s/g, "");
  const aligned = written.length === before.length &&
    written.every((line, i) => bare(line) === bare(before[i]));
  if (!aligned) return after.join("\n");
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return [
    ...written.slice(0, head),
    ...after.slice(head, after.length - tail),
    ...written.slice(written.length - tail),
  ].join("\n");
}

const STYLE = { lineWidth: 0, flowCollectionPadding: true } as const;

/** The list of that name, made when it is missing. An empty `[]` becomes a list of lines. */
export function listOfLines(document: Document, name: string): YAMLSeq {
  const list = document.get(name);
  if (isSeq(list) && list.items.length > 0) return list;
  const fresh = new YAMLSeq();
  const comment = isSeq(list) ? list.comment : undefined;
  if (comment) fresh.commentBefore = comment;
  document.set(name, fresh);
  return fresh;
}
