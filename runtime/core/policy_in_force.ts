import type { AcceptEntry, DenyEntry, Publisher } from "./documents/acceptlist.ts";
import type { Digest, KeyId } from "./documents/common.ts";
import type { Ceiling, Grant } from "./documents/grant.ts";
import type { Role } from "./documents/root.ts";

/**
 * The rules an agent decides by: from local policy files, or from a signed accept-list that local
 * files may only narrow. Read-only; a reload makes a new one.
 */
export interface PolicyInForce {
  readonly fleet: string;
  /** Named sets of keys that may order. */
  readonly orderers: ReadonlyMap<string, Role>;
  readonly publishers: ReadonlyMap<string, Publisher>;
  readonly accept: readonly AcceptEntry[];
  readonly deny: readonly DenyEntry[];
  readonly grants: ReadonlyMap<string, Grant>;
  readonly labels: ReadonlyMap<KeyId, readonly string[]>;
  readonly ceiling: Ceiling;
  /** Milliseconds since the epoch after which nothing runs; absent for local files. */
  readonly expires?: number;
  /** Digest over everything above, recorded with every run. */
  readonly digest: Digest;
}
