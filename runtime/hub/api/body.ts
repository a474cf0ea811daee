import type { Context } from "hono";
import { collectBytes } from "../../core/collect_bytes.ts";
import { within } from "../../core/wait.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";

/**
 * A request's body, whole.
 *
 * @throws {HubError} too_large – it is longer than it may be
 * @throws {HubError} bad_request – it breaks off, or takes too long
 */
export async function readBytes(c: Context, maxBytes: number): Promise<Uint8Array> {
  const reading = collectBytes(c.req.raw.body, maxBytes).catch((cause) => {
    throw new HubError("bad_request", "Cannot read a body that breaks off", { cause });
  });
  const tooSlow = () => new HubError("bad_request", "Cannot wait longer for a body");
  const bytes = await within(HUB_LIMITS.BODY_MS, reading, tooSlow);
  if (bytes) return bytes;
  throw new HubError("too_large", `Cannot take a body of more than ${maxBytes} bytes`);
}
