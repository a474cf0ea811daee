import { decodeBase64, encodeBase64 } from "../../core/base64.ts";
import { type Digest, isName, type KeyId } from "../../core/documents/common.ts";
import { AgentError } from "../errors.ts";

/** What a token for enrolling says. */
export interface EnrolToken {
  /** Whose fleet it is, by its name at the hub. */
  readonly tenant: string;
  /** The root that the machine is to trust; a hub that shows another one enrols nobody. */
  readonly root: Digest;
  /** The key of the hub, which must sign what it answers. */
  readonly hub: KeyId;
  /** What the hub knows the token by. */
  readonly secret: string;
}

const PREFIX = "wenrol_";
const BYTES32 = /^[A-Za-z0-9_-]{43}$/;

/** Writes a token: its parts with dots between them. */
export function formatEnrolToken({ tenant, root, hub, secret }: EnrolToken): string {
  const digest = encodeBase64(Uint8Array.fromHex(root.slice("sha256:".length)), "base64url");
  return `${PREFIX}${tenant}.${digest}.${hub.slice("writ-key:".length)}.${secret}`;
}

/**
 * Reads a token.
 *
 * @throws {AgentError} enrol_token – it is none; the message does not repeat it.
 * @example
 * ```ts
 * import { formatEnrolToken, parseEnrolToken } from "./enrol_token.ts";
 * import assert from "node:assert/strict";
 *
 * const token = {
 *   tenant: "acme",
 *   root: `sha256:${"0".repeat(64)}`,
 *   hub: `writ-key:${"A".repeat(43)}`,
 *   secret: "A".repeat(43),
 * } as const;
 * assert.deepEqual(parseEnrolToken(formatEnrolToken(token)), token);
 * ```
 */
export function parseEnrolToken(text: string): EnrolToken {
  const [tenant = "", root = "", hub = "", secret = "", ...rest] = text.startsWith(PREFIX)
    ? text.slice(PREFIX.length).split(".")
    : [];
  const digest = BYTES32.test(root) ? decodeBase64(root, "base64url") : undefined;
  if (!isName(tenant) || !digest || !BYTES32.test(hub) || !BYTES32.test(secret) || rest.length) {
    throw new AgentError("enrol_token", "Cannot enrol as the token is not one that a hub made");
  }
  return { tenant, root: `sha256:${digest.toHex()}`, hub: `writ-key:${hub}`, secret };
}
