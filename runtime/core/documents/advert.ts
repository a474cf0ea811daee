import * as v from "valibot";
import {
  countSchema,
  digestSchema,
  instantSchema,
  nameSchema,
  publicKeySchema,
  scriptNameSchema,
} from "./common.ts";
import { unique } from "./unique.ts";

/** Where an agent is reached: an origin, without path, user or password. */
const originSchema = v.pipe(
  v.string(),
  v.maxLength(255),
  v.check((text) => {
    const url = URL.parse(text);
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
  }, 'must be like "https://10.0.0.7:8443"'),
);

/**
 * What an agent says of itself: signed by its own key, worth nothing once it has expired, and
 * replaced by any of a higher sequence. It makes nobody a member of a fleet.
 */
export const advertSchema = v.strictObject({
  /** The agent's key, which signs this. */
  key: publicKeySchema,
  fleet: nameSchema,
  /** Rises with every advert of this agent: the time of its making, for one. */
  sequence: countSchema(1),
  addresses: v.pipe(v.array(originSchema), v.maxLength(8), unique("address")),
  /** Agents by their keys that pass calls on to this one, for agents nobody can reach. */
  relays: v.pipe(v.array(publicKeySchema), v.maxLength(4), unique("relay")),
  /** Digest of the certificate authority that its addresses answer with, where they use TLS. */
  ca: v.optional(digestSchema),
  /** Groups it belongs to, by its own word. */
  groups: v.pipe(v.array(nameSchema), v.maxLength(16), unique("group")),
  /** Scripts that it answers peers for. */
  scripts: v.pipe(v.array(scriptNameSchema), v.maxLength(64), unique("script")),
  /** What it holds of blobs: a Bloom filter, base64url. */
  blobs: v.optional(v.pipe(v.string(), v.maxLength(2048), v.regex(/^[A-Za-z0-9_-]+$/))),
  issued: instantSchema,
  expires: instantSchema,
});
export type Advert = v.InferOutput<typeof advertSchema>;
