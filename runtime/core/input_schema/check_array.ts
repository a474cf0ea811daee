import type { Evaluation, Fault } from "./evaluation.ts";
import type { ReadSchema } from "./keywords.ts";
import type { Place } from "./place.ts";

/** The keywords for lists. */
export function checkArray(
  schema: ReadSchema,
  value: readonly unknown[],
  place: Place,
  evaluation: Evaluation,
): Fault | undefined {
  const { minItems = 0, maxItems = Infinity, prefixItems = [], items } = schema;
  const { check, spend, textOf } = evaluation;
  const fault = (message: string) => ({ place, message });
  if (value.length < minItems) return fault(`must have at least ${minItems} items`);
  if (value.length > maxItems) return fault(`must have at most ${maxItems} items`);
  if (schema.uniqueItems === true && new Set(value.map(textOf)).size < value.length) {
    return fault("must not have the same item twice");
  }
  spend(value.length);
  for (const [i, item] of value.entries()) {
    const inner = i < prefixItems.length ? prefixItems[i] : items;
    const found = inner === undefined ? undefined : check(inner, item, { around: place, key: i });
    if (found) return found;
  }
  return checkContains(schema, value, place, evaluation);
}

function checkContains(
  { contains, minContains = 1, maxContains = Infinity }: ReadSchema,
  value: readonly unknown[],
  place: Place,
  { check }: Evaluation,
): Fault | undefined {
  if (contains === undefined) return undefined;
  const count = value.filter((item) => check(contains, item, place) === undefined).length;
  if (count < minContains) {
    return { place, message: `must have at least ${minContains} items of a kind` };
  }
  if (count > maxContains) {
    return { place, message: `must have at most ${maxContains} items of a kind` };
  }
  return undefined;
}
