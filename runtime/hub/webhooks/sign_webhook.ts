import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";

const PREFIX = "whsec_";

/** A new secret, in the form that libraries for webhooks take. */
export function makeWebhookSecret(): string {
  return PREFIX + Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
}

/**
 * The headers by which a receiver knows that the hub sent a message, and when.
 *
 * @param id Of the message; the same when it is sent again.
 * @param seconds Since the epoch.
 * @see Standard Webhooks 1.0.0, "Webhook headers"
 */
export function webhookHeaders(
  secret: string,
  { id, seconds, body }: { id: string; seconds: number; body: string },
): Record<string, string> {
  const key = Buffer.from(secret.slice(PREFIX.length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": `v1,${signature}`,
  };
}
