import * as v from "valibot";
import type { Content } from "./route.ts";

/** What several routes take or answer. */
export const json = (schema: v.GenericSchema): Content => ({ type: "application/json", schema });
export const DOCUMENT: Content = { type: "application/json" };
export const BYTES: Content = { type: "application/octet-stream" };

/** A number in a query. */
export const count = v.pipe(v.string(), v.regex(/^\d{1,15}$/));
