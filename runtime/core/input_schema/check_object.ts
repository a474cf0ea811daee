import type { Evaluation, Fault } from "./evaluation.ts";
import type { ReadSchema } from "./keywords.ts";
import type { Place } from "./place.ts";

/** The keywords for objects. Only an object's own keys count, whatever they are called. */
export function checkObject(
  schema: ReadSchema,
  value: Record<string, unknown>,
  place: Place,
  evaluation: Evaluation,
): Fault | undefined {
  const { minProperties = 0, maxProperties = Infinity } = schema;
  const { required = [], dependentRequired = {} } = schema;
  const keys = evaluation.keysOf(value);
  const fault = (message: string) => ({ place, message });
  evaluation.spend(required.length);
  if (keys.length < minProperties) return fault(`must have at least ${minProperties} keys`);
  if (keys.length > maxProperties) return fault(`must have at most ${maxProperties} keys`);
  const missing = required.find((key) => !Object.hasOwn(value, key));
  if (missing !== undefined) return fault(`must have the key "${missing}"`);
  for (const key of evaluation.keysOf(dependentRequired)) {
    const needed = dependentRequired[key]!;
    evaluation.spend(needed.length);
    const absent = Object.hasOwn(value, key) && needed.find((k) => !Object.hasOwn(value, k));
    if (typeof absent === "string") return fault(`must have the key "${absent}" beside "${key}"`);
  }
  return checkKeys(schema, value, keys, place, evaluation) ??
    checkDependent(schema, value, place, evaluation);
}

function checkKeys(
  schema: ReadSchema,
  value: Record<string, unknown>,
  keys: readonly string[],
  place: Place,
  { check, keysOf, matches, spend }: Evaluation,
): Fault | undefined {
  const { properties = {}, additionalProperties, propertyNames } = schema;
  const { patternProperties = {} } = schema;
  const patterns = keysOf(patternProperties);
  for (const key of keys) {
    if (propertyNames !== undefined && check(propertyNames, key, place)) {
      spend(key.length);
      return { place, message: `must not have the key ${JSON.stringify(key)}` };
    }
    const schemas = patterns.filter((source) => matches(source, key))
      .map((source) => patternProperties[source]);
    if (Object.hasOwn(properties, key)) schemas.push(properties[key]);
    if (schemas.length === 0 && additionalProperties !== undefined) {
      schemas.push(additionalProperties);
    }
    for (const inner of schemas) {
      const fault = check(inner, value[key], { around: place, key });
      if (fault) return fault;
    }
  }
  return undefined;
}

function checkDependent(
  { dependentSchemas = {} }: ReadSchema,
  value: Record<string, unknown>,
  place: Place,
  { check, keysOf }: Evaluation,
): Fault | undefined {
  for (const key of keysOf(dependentSchemas)) {
    const fault = Object.hasOwn(value, key)
      ? check(dependentSchemas[key], value, place)
      : undefined;
    if (fault) return fault;
  }
  return undefined;
}
