import { isRecord } from "../is_record.ts";
import { escapeKey, resolve } from "./json_pointer.ts";
import { VALUE_RULES } from "./keyword_values.ts";
import { isKeyword, type KeywordKind, KEYWORDS } from "./keywords.ts";
import { SchemaFault } from "./schema_fault.ts";

/**
 * Looks a schema through, so that whoever evaluates it finds only what it knows: every schema in
 * it, then every reference, and what those lead to.
 *
 * @returns the patterns in it.
 * @throws {SchemaFault} for the first thing that is wrong
 */
export function readSchema(root: unknown): string[] {
  const reader = new SchemaReader();
  reader.read(root, "");
  // What a reference leads to may hold further ones, which join the list.
  for (const [path, reference] of reader.references) {
    const target = resolve(root, reference);
    if (target === undefined) throw new SchemaFault(path, "leads nowhere in this schema");
    // It may lead to what is not a schema elsewhere, such as a default value.
    reader.read(target, path);
  }
  return reader.patterns;
}

class SchemaReader {
  readonly patterns: string[] = [];
  readonly references: [path: string, reference: string][] = [];
  readonly #known = new Set<unknown>();

  read(schema: unknown, path: string): void {
    if (typeof schema === "boolean" || this.#known.has(schema)) return;
    if (!isRecord(schema)) throw new SchemaFault(path, "must be an object, true or false");
    this.#known.add(schema);
    for (const [keyword, value] of Object.entries(schema)) {
      this.#readKeyword(keyword, value, `${path}/${escapeKey(keyword)}`);
    }
  }

  #readKeyword(keyword: string, value: unknown, path: string): void {
    if (!isKeyword(keyword)) {
      throw new SchemaFault(path, "is a keyword that is not known here");
    }
    const kind: KeywordKind = KEYWORDS[keyword];
    const rule = VALUE_RULES[kind];
    if (rule && !rule.holds(value)) throw new SchemaFault(path, `must be ${rule.words}`);
    switch (kind) {
      case "schema":
        return this.read(value, path);
      case "schemas":
        for (const [name, inner] of Object.entries(value as Record<string, unknown>)) {
          if (keyword === "patternProperties") this.patterns.push(name);
          this.read(inner, `${path}/${escapeKey(name)}`);
        }
        return;
      case "schema list":
        return (value as unknown[]).forEach((inner, i) => this.read(inner, `${path}/${i}`));
      case "pattern":
        this.patterns.push(value as string);
        return;
      case "reference":
        this.references.push([path, value as string]);
    }
  }
}
