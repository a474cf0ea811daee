import { DIALECT, KEYWORDS, TYPES } from "./keywords.ts";

/** What is wrong with a schema, and where: a JSON pointer, empty for its top. */
export class SchemaFault extends Error {
  override readonly name = "SchemaFault";
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/**
 * Looks a schema through, so that whoever evaluates it finds only what it knows.
 *
 * @returns the patterns in it.
 * @throws {SchemaFault} for the first thing that is wrong
 */
export function readSchema(root: unknown): string[] {
  const patterns: string[] = [];
  const references: [path: string, reference: string][] = [];
  const known = new Set<unknown>();

  const read = (schema: unknown, path: string): void => {
    if (typeof schema === "boolean" || known.has(schema)) return;
    if (!isRecord(schema)) throw new SchemaFault(path, "must be an object, true or false");
    known.add(schema);
    for (const [keyword, value] of Object.entries(schema)) {
      readKeyword(keyword, value, `${path}/${escapeKey(keyword)}`);
    }
  };
  const readKeyword = (keyword: string, value: unknown, path: string): void => {
    const kind = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword]! : undefined;
    const require = (holds: boolean, what: string) => {
      if (!holds) throw new SchemaFault(path, `must be ${what}`);
    };
    switch (kind) {
      case undefined:
        throw new SchemaFault(path, "is a keyword that is not known here");
      case "ignored":
      case "anything":
        return;
      case "schema":
        return read(value, path);
      case "schemas":
        if (!isRecord(value)) throw new SchemaFault(path, "must be an object of schemas");
        for (const [name, inner] of Object.entries(value)) {
          if (keyword === "patternProperties") patterns.push(name);
          read(inner, `${path}/${escapeKey(name)}`);
        }
        return;
      case "schema list":
        if (!Array.isArray(value) || value.length === 0) {
          throw new SchemaFault(path, "must be a list of schemas");
        }
        return value.forEach((inner, i) => read(inner, `${path}/${i}`));
      case "number":
        return require(typeof value === "number", "a number");
      case "positive number":
        return require(typeof value === "number" && value > 0, "a number above 0");
      case "count":
        return require(Number.isSafeInteger(value) && value as number >= 0, "a whole number");
      case "boolean":
        return require(typeof value === "boolean", "true or false");
      case "names":
        return require(isNames(value), "a list of names");
      case "name lists":
        return require(
          isRecord(value) && Object.values(value).every(isNames),
          "an object of lists of names",
        );
      case "list":
        return require(Array.isArray(value) && value.length > 0, "a list of values");
      case "pattern":
        require(typeof value === "string", "a pattern");
        patterns.push(value as string);
        return;
      case "reference":
        require(typeof value === "string", "a reference");
        references.push([path, value as string]);
        return;
      case "types": {
        const types: unknown[] = Array.isArray(value) ? value : [value];
        const some = types.length > 0 && types.length <= TYPES.length;
        const all = some && types.every((type) => TYPES.includes(type as string));
        return require(all, `one of ${TYPES.join(", ")}, or a list of them`);
      }
      case "dialect":
        return require(value === DIALECT, `"${DIALECT}"`);
    }
  };

  read(root, "");
  for (const [path, reference] of references) {
    const target = resolve(root, reference);
    if (target === undefined) throw new SchemaFault(path, "leads nowhere in this schema");
    // It may lead to what is not a schema elsewhere, such as a default value.
    read(target, path);
  }
  return patterns;
}

/** What a reference like `#/$defs/page` names; `undefined` when there is nothing. */
export function resolve(root: unknown, reference: string): unknown {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  let here = root;
  for (const part of decoded(reference.slice(2)).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
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

/** A key as it stands in a JSON pointer. */
export function escapeKey(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
