import * as v from "valibot";
import { LIMITS } from "../limits.ts";
import { countSchema, instantSchema, nameSchema, publicKeySchema } from "./common.ts";
import { unique } from "./unique.ts";

/** Public keys and how many of them must sign. */
const roleSchema = v.pipe(
  v.strictObject({
    keys: v.pipe(
      v.array(publicKeySchema),
      v.minLength(1),
      v.maxLength(LIMITS.SIGNATURES),
      unique("key"),
    ),
    threshold: countSchema(1),
  }),
  v.check((role) => role.threshold <= role.keys.length, "must not ask for more keys than it has"),
);
export type Role = v.InferOutput<typeof roleSchema>;

/** Who may sign what in one fleet. Signed by the old and the new root keys. */
export const rootSchema = v.strictObject({
  fleet: nameSchema,
  version: countSchema(1),
  epoch: countSchema(1),
  issued: instantSchema,
  expires: instantSchema,
  roles: v.strictObject({ root: roleSchema, accept: roleSchema, releases: v.optional(roleSchema) }),
  /** Named sets of keys that may order, `operator` or a provider's name. */
  orderers: v.record(nameSchema, roleSchema),
});
export type Root = v.InferOutput<typeof rootSchema>;
