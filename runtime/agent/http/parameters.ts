import * as v from "valibot";
import {
  type Digest,
  digestSchema,
  nameSchema,
  type ScriptName,
} from "../../core/documents/common.ts";
import { HttpRefusal } from "./refusal.ts";

/** A whole number from a path or query, or 404: what is no number names nothing. */
export function numberFrom(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw new HttpRefusal("not_found");
  return Number(text);
}

/** A bounded count from a query. */
export function countFrom(text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  if (!/^\d{1,15}$/.test(text)) throw new HttpRefusal("bad_request");
  return Math.min(Number(text), max);
}

/** A digest from a path, or 404. */
export function digestFrom(text: string): Digest {
  if (!v.is(digestSchema, text)) throw new HttpRefusal("not_found");
  return text;
}

/** A script's name from two parts of a path, or 404. */
export function scriptFrom(publisher: string, name: string): ScriptName {
  if (!v.is(nameSchema, publisher) || !v.is(nameSchema, name)) throw new HttpRefusal("not_found");
  return `${publisher}/${name}`;
}
