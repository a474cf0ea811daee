import { escapeKey } from "./json_pointer.ts";

/**
 * Where in an input a value lies: a key, and where the value around it lies; `undefined` is the
 * whole input. Keys are as long as an orderer likes, so a text is made only of the one place that
 * is told, not of each that is looked at.
 */
export type Place = { readonly around: Place; readonly key: string | number } | undefined;

/** A place as a JSON pointer. */
export function pointerOf(place: Place): string {
  const parts: string[] = [];
  for (let at = place; at !== undefined; at = at.around) parts.push(escapeKey(String(at.key)));
  return parts.reverse().map((part) => `/${part}`).join("");
}
