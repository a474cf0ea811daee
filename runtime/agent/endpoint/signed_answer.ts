import { isBodyless } from "../../core/http_status.ts";
import { collectBytes } from "../../core/collect_bytes.ts";
import { digestOf } from "../../core/digest.ts";
import { contentDigest } from "../../peer/mod.ts";
import { parseContentDigest } from "../../peer/content_digest.ts";
import type { Calls } from "../calls/calls.ts";
import { EndpointRefusal } from "./endpoint_refusal.ts";

/** Of a body that is held until its digest is known. */
const HELD_BYTES = 1 << 20;

/**
 * Signs what a signed caller is answered, so that it can believe it: status, type, digest.
 *
 * A body is held until its digest is known, up to 1 MiB; beyond it the answer is refused. Two ways
 * lead around that. A script that knows its body says the digest itself, as `Content-Digest`: the
 * caller breaks off when the body has another. And a caller that asks for it, by
 * `Want-Content-Digest: sha-256=0`, has the body as the script writes it, covered by nothing.
 *
 * @returns an answer whose body, if it was held, is whole.
 * @throws {EndpointRefusal} answer_too_long – it cannot be covered, and the caller wants it to be
 * @throws what the body breaks off with while it is held
 * @see RFC 9530, "The Want-Content-Digest and Want-Repr-Digest Fields"
 */
export async function signedAnswer(
  answer: Response,
  request: Request,
  calls: Pick<Calls, "sign">,
): Promise<Response> {
  const { status, body } = answer;
  // A WebSocket's own answer; nothing that follows could be covered.
  if (status === 101) return answer;
  const headers = new Headers(answer.headers);
  dropStrangeDigest(headers);
  const sign = (body: BodyInit | null) => {
    calls.sign({ status, headers }, request);
    return new Response(body, { status, headers });
  };
  if (request.method === "HEAD" || isBodyless(status) || status === 308) return sign(null);
  if (headers.has("content-digest")) return sign(body);
  if (status < 400 && takesUncovered(request)) return sign(body);
  const whole = await hold(body);
  headers.set("content-digest", contentDigest(digestOf(whole)));
  return sign(whole);
}

/** What no caller of ours could read would only have the answer refused. */
function dropStrangeDigest(headers: Headers): void {
  const field = headers.get("content-digest");
  if (field === null) return;
  try {
    parseContentDigest(field);
  } catch {
    headers.delete("content-digest");
  }
}

function takesUncovered({ headers }: Request): boolean {
  return headers.get("want-content-digest") === "sha-256=0";
}

async function hold(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array<ArrayBuffer>> {
  const whole = await collectBytes(body, HELD_BYTES);
  if (whole) return whole;
  throw new EndpointRefusal(503, "answer_too_long");
}
