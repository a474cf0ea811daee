import type { Evaluation, Fault, ReadSchema } from "./evaluation.ts";
import { escapeKey } from "./json_pointer.ts";

/** The keywords for objects. Only an object's own keys count, whatever they are called. */
export function checkObject(
  schema: ReadSchema,
  value: Record<string, unknown>,
  path: string,
  evaluation: Evaluation,
): Fault | undefined {
  const { minProperties, maxProperties, required = [], dependentRequired = {} } = schema;
  const keys = Object.keys(value);
  const fault = (message: string) => ({ path, message });
  evaluation.spend(keys.length + required.length);
  if (keys.length < minProperties) return fault(`must have at least ${minProperties} keys`);
  if (keys.length > maxProperties) return fault(`must have at most ${maxProperties} keys`);
  const missing = required.find((key: string) => !Object.hasOwn(value, key));
  if (missing !== undefined) return fault(`must have the key "${missing}"`);
  for (const [key, needed] of Object.entries<string[]>(dependentRequired)) {
    evaluation.spend(needed.length + 1);
    const absent = Object.hasOwn(value, key) && needed.find((k) => !Object.hasOwn(value, k));
    if (typeof absent === "string") return fault(`must have the key "${absent}" beside "${key}"`);
  }
  return checkKeys(schema, value, keys, path, evaluation) ??
    checkDependent(schema, value, path, evaluation);
}

function checkKeys(
  schema: ReadSchema,
  value: Record<string, unknown>,
  keys: readonly string[],
  path: string,
  { check, matches, spend }: Evaluation,
): Fault | undefined {
  const { properties = {}, additionalProperties, propertyNames } = schema;
  const patterns = Object.entries<unknown>(schema.patternProperties ?? {});
  spend(patterns.length);
  for (const key of keys) {
    if (propertyNames !== undefined && check(propertyNames, key, path)) {
      return { path, message: `must not have the key ${JSON.stringify(key)}` };
    }
    const at = `${path}/${escapeKey(key)}`;
    const schemas = patterns.filter(([source]) => matches(source, key)).map(([, inner]) => inner);
    if (Object.hasOwn(properties, key)) schemas.push(properties[key]);
    if (schemas.length === 0 && additionalProperties !== undefined) {
      schemas.push(additionalProperties);
    }
    for (const inner of schemas) {
      const fault = check(inner, value[key], at);
      if (fault) return fault;
    }
  }
  return undefined;
}

function checkDependent(
  { dependentSchemas = {} }: ReadSchema,
  value: Record<string, unknown>,
  path: string,
  { check, spend }: Evaluation,
): Fault | undefined {
  for (const [key, inner] of Object.entries<unknown>(dependentSchemas)) {
    spend(1);
    const fault = Object.hasOwn(value, key) ? check(inner, value, path) : undefined;
    if (fault) return fault;
  }
  return undefined;
}
