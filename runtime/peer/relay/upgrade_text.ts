import * as v from "valibot";
import { PeerError } from "../errors.ts";
import { pathOf, queryOf } from "../message.ts";
import { RECIPIENT_FIELD, SOCKET_FIELD } from "../sign_request.ts";
import type { Upgrade } from "../socket/connect_socket.ts";
import { RELAY_LIMITS } from "./limits.ts";

/** The fields of an upgrade that count; the rest of one is the WebSocket's. */
const FIELDS = [RECIPIENT_FIELD, SOCKET_FIELD, "signature-input", "signature"] as const;

const fieldSchema = v.pipe(v.string(), v.maxLength(2_048));
const schema = v.strictObject({
  path: v.pipe(v.string(), v.maxLength(2_048), v.regex(/^\/[\x21-\x7e]*$/)),
  fields: v.strictObject({
    [RECIPIENT_FIELD]: fieldSchema,
    [SOCKET_FIELD]: fieldSchema,
    "signature-input": fieldSchema,
    "signature": fieldSchema,
  }),
});

/** A signed upgrade as bytes, for a way that is no HTTP. */
export function writeUpgrade({ request: { url, headers } }: Upgrade): Uint8Array {
  const query = queryOf(url);
  const path = pathOf(url) + (query === "?" ? "" : query);
  const fields = Object.fromEntries(FIELDS.map((name) => [name, headers.get(name)]));
  return new TextEncoder().encode(JSON.stringify({ path, fields }));
}

/**
 * The request that {@linkcode writeUpgrade} wrote down. Nothing of it is verified.
 *
 * @throws {PeerError} bad_field – it is none
 */
export function readUpgrade(bytes: Uint8Array): Request {
  try {
    if (bytes.length > RELAY_LIMITS.UPGRADE_BYTES) throw new RangeError("it is too long");
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const { path, fields } = v.parse(schema, JSON.parse(text));
    return new Request(`http://localhost${path}`, { headers: fields });
  } catch (cause) {
    throw new PeerError("bad_field", "Cannot read an upgrade that came by a relay", { cause });
  }
}
