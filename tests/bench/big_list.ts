import { digestOf } from "../../runtime/core/digest.ts";
import type { AcceptList } from "../../runtime/core/documents/acceptlist.ts";
import type { Grant } from "../../runtime/core/documents/grant.ts";

/** Accept, deny and grant entries together. */
export const LIST_ENTRIES = 10_000;

type Entries = Pick<AcceptList, "accept" | "deny" | "grants">;

/**
 * As many entries as the largest fleets may have, of every kind: an envelope of just under 4 MiB,
 * which is the most a list may be.
 *
 * @param grant Of the script that runs; others have one like it.
 */
export function bigList(grant: Grant): Entries {
  const script = (i: number) => `acme/script-${i}` as const;
  const reason = "withdrawn as its author found a hole in how it reads what a printer answers. "
    .repeat(7);
  const accept: Entries["accept"] = times(
    4_000,
    (i) =>
      i % 2 === 0
        ? { script: script(i), sha256: hashOf(i) }
        : { script: script(i), range: "^1.2.0", minSequence: i },
  );
  const deny: Entries["deny"] = times(
    1_999,
    (i) =>
      i % 2 === 0 ? { sha256: hashOf(-i), reason } : { script: script(i), range: "<1.0.0", reason },
  );
  const permissions: Grant["permissions"] = {
    net: times(3, (i) => ({ address: `192.168.1.${20 + i}:631`, internal: false })),
    read: ["/usr/share/fonts", "/usr/share/cups"],
  };
  const grants = times(3_999, (i) => ({ ...grant, permissions, script: script(i) }));
  return {
    accept: [...accept, { script: grant.script, range: "*" }],
    deny,
    grants: [...grants, grant],
  };
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function hashOf(i: number) {
  return digestOf(new TextEncoder().encode(String(i)));
}
