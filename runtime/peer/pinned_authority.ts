import { X509Certificate } from "node:crypto";
import { digestOf } from "../core/digest.ts";
import type { Digest } from "../core/documents/common.ts";
import { PeerError } from "./errors.ts";

/** A certificate is about 700 bytes. */
const MAX_BYTES = 65_536;
const TIMEOUT_MS = 10_000;

/**
 * Fetches the certificate that vouches for an agent's TLS, by its digest. The connection proves
 * nothing; the digest does, and it was learnt elsewhere: from a signed advert, or by word of mouth.
 *
 * @param url The agent's address, `https:`.
 * @param digest Of the certificate's DER, as `/v1/info` and `writ agent` tell it.
 * @returns PEM, for `Deno.createHttpClient({ caCerts })`.
 * @throws {PeerError} unreachable – nobody answers, or not with that certificate
 */
export async function pinnedAuthority(url: string, digest: Digest): Promise<string> {
  const { origin } = new URL(url);
  let found: string;
  try {
    const pem = await fetchUnproven(`${origin}/v1/ca`);
    const certificate = new X509Certificate(pem);
    found = digestOf(certificate.raw);
    // Written anew: what stands around the certificate was not pinned.
    if (found === digest) return certificate.toString();
  } catch (cause) {
    const message = `Cannot fetch the certificate of the agent at ${origin}`;
    throw new PeerError("unreachable", message, { cause });
  }
  throw new PeerError(
    "unreachable",
    `Cannot believe the agent at ${origin} as its certificate is not ${digest}: ${found}`,
  );
}

/** Deno's own `fetch` has no way to look at a certificate before it is trusted. */
async function fetchUnproven(url: string): Promise<string> {
  // Takes memory that an agent which never does this should not need.
  const { request } = await import("node:https");
  return await new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    // Without authorities of its own it would ask for the system's, and for the right to read them.
    const options = { rejectUnauthorized: false, ca: [], signal };
    const asked = request(url, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MAX_BYTES) asked.destroy(new RangeError("the answer is too long"));
      });
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`the answer has status ${answer.statusCode}`));
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}
