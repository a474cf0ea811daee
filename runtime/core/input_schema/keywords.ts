/** What the values of keywords are, by kind; schemas are looked through on their own. */
interface KeywordValues {
  ignored: unknown;
  anything: unknown;
  schema: unknown;
  schemas: Readonly<Record<string, unknown>>;
  "schema list": readonly unknown[];
  number: number;
  "positive number": number;
  count: number;
  boolean: boolean;
  names: readonly string[];
  "name lists": Readonly<Record<string, readonly string[]>>;
  list: readonly unknown[];
  pattern: string;
  reference: string;
  types: string | readonly string[];
  dialect: string;
}

/** What the value of a keyword must be. */
export type KeywordKind = keyof KeywordValues;

/**
 * The keywords of JSON Schema 2020-12 that an input schema may use. Any other is refused, as what
 * is not understood would not be checked. Left out are those that need other documents or a record
 * of what was looked at: `$id`, `$anchor`, `$dynamicRef`, `unevaluatedProperties`, `unevaluatedItems`.
 *
 * `format` and what describes content say something to people and are not checked, as the
 * specification has it by default.
 */
export const KEYWORDS = {
  $schema: "dialect",
  $comment: "ignored",
  $defs: "schemas",
  $ref: "reference",
  additionalProperties: "schema",
  allOf: "schema list",
  anyOf: "schema list",
  const: "anything",
  contains: "schema",
  contentEncoding: "ignored",
  contentMediaType: "ignored",
  default: "ignored",
  dependentRequired: "name lists",
  dependentSchemas: "schemas",
  deprecated: "ignored",
  description: "ignored",
  else: "schema",
  enum: "list",
  examples: "ignored",
  exclusiveMaximum: "number",
  exclusiveMinimum: "number",
  format: "ignored",
  if: "schema",
  items: "schema",
  maxContains: "count",
  maxItems: "count",
  maxLength: "count",
  maxProperties: "count",
  maximum: "number",
  minContains: "count",
  minItems: "count",
  minLength: "count",
  minProperties: "count",
  minimum: "number",
  multipleOf: "positive number",
  not: "schema",
  oneOf: "schema list",
  pattern: "pattern",
  patternProperties: "schemas",
  prefixItems: "schema list",
  properties: "schemas",
  propertyNames: "schema",
  readOnly: "ignored",
  required: "names",
  then: "schema",
  title: "ignored",
  type: "types",
  uniqueItems: "boolean",
  writeOnly: "ignored",
} as const satisfies Readonly<Record<string, KeywordKind>>;

/** A keyword that an input schema may use. */
export type Keyword = keyof typeof KEYWORDS;

/** A schema that was looked through: each keyword has a value of its kind. */
export type ReadSchema = { readonly [K in Keyword]?: KeywordValues[(typeof KEYWORDS)[K]] };

/** Whether a key of a schema is a keyword that is known here. */
export function isKeyword(key: string): key is Keyword {
  return Object.hasOwn(KEYWORDS, key);
}

/** The names that `type` may have. */
export const TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"];

/** The one dialect, see JSON Schema 2020-12, "JSON Schema Core". */
export const DIALECT = "https://json-schema.org/draft/2020-12/schema";
