import fc from "fast-check";
import type { Permissions } from "../../runtime/core/documents/grant.ts";

const paths = fc.uniqueArray(fc.constantFrom("/srv/a", "/srv/b", "/srv/a/x", "/data"), {
  maxLength: 3,
});
/** Permissions that meet each other often: few values of each kind. */
export const permissions: fc.Arbitrary<Permissions> = fc.record({
  net: fc.uniqueArray(
    // Only where a name leads can be internal: an address says it itself.
    fc.oneof(
      fc.record({
        address: fc.constantFrom("10.0.0.1:80", "10.0.0.1:81", "[fd00::1]:80"),
        internal: fc.constant(false),
      }),
      fc.record({ address: fc.constant("www.example:443"), internal: fc.boolean() }),
    ),
    { maxLength: 3, selector: (n) => n.address },
  ),
  read: paths,
  write: paths,
  env: fc.uniqueArray(fc.constantFrom("A", "B"), { maxLength: 2 }),
  sys: fc.uniqueArray(fc.constantFrom("hostname", "cpus"), { maxLength: 2 }),
  unsafe: fc.array(
    fc.record({
      permission: fc.constantFrom("run" as const, "read" as const, "net" as const),
      value: fc.constantFrom("", "/srv/z"),
      reason: fc.constant("test"),
    }),
    { maxLength: 1 },
  ),
}, { requiredKeys: [] });
