import fc from "fast-check";
import type { Ceiling, Grant } from "../../runtime/core/documents/grant.ts";
import { CALLERS } from "../../runtime/core/documents/serve.ts";

const quota = fc.record({
  // The last two stand around what holds for a store where nothing is written.
  quotaBytes: fc.constantFrom(1_000, 2_000, 10_000_000, 10_000_001),
}, { requiredKeys: [] });

/** Capabilities and callers that meet each other often, as grants and ceilings name them. */
export const services: fc.Arbitrary<
  Pick<Grant, "capabilities"> & Pick<Ceiling, "serve">
> = fc.record({
  capabilities: fc.record({
    store: quota,
    blobs: quota,
    dir: quota,
    peers: fc.constant({}),
    scanner: fc.constant({}),
  }, { requiredKeys: [] }),
  serve: fc.uniqueArray(fc.constantFrom(...CALLERS), { maxLength: 3 }),
}, { requiredKeys: [] });
