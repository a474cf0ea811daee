/**
 * A key as it stands in a JSON pointer.
 *
 * @see RFC 6901, "Syntax"
 */
export function escapeKey(key: string): string {
  return key.split("~").join("~0").split("/").join("~1");
}

/** What {@linkcode escapeKey} made a key of. */
export function unescapeKey(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

/**
 * What a reference like `#/$defs/page` names; `undefined` when there is nothing.
 *
 * @see RFC 6901, "URI Fragment Identifier Representation"
 */
export function resolve(root: unknown, reference: string): unknown {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  let here = root;
  for (const part of decoded(reference.slice(2)).split("/")) {
    const key = unescapeKey(part);
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
