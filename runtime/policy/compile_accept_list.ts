import { type AcceptList, acceptListSchema } from "../core/documents/acceptlist.ts";
import type { Digest } from "../core/documents/common.ts";
import { parse } from "valibot";
import type { LoadedLocalPolicy } from "./load_policy_dir.ts";

/** What a signed list says beyond the files. */
export interface ListHeader {
  /** The root's epoch. */
  readonly epoch: number;
  /** One more than the list before. */
  readonly version: number;
  /** UTC with whole seconds. */
  readonly issued: string;
  /** As `issued`; absent to take it from `accept.yaml`. */
  readonly expires?: string;
  /** Digest of the payload of the list before, `null` for the first. */
  readonly prev: Digest | null;
}

/**
 * Compiles policy files to the payload of a signed accept-list.
 *
 * Node ceiling, orderers, sources and listener are not in it: orderers come from the root, the
 * rest is each node's own.
 *
 * @param loaded what `loadPolicyDir` answered in local mode.
 * @returns a payload for `sealDocument("acceptlist", …)`, checked against its schema.
 * @throws {RangeError} – when there is no expiry, or it is not after `issued`
 * @throws {ValiError} – when the header does not fit the schema
 */
export function compileAcceptList(loaded: LoadedLocalPolicy, header: ListHeader): AcceptList {
  const expires = header.expires ?? loaded.accept.expires;
  if (expires === undefined) {
    throw new RangeError(
      'Cannot compile an accept-list without an expiry: say "expires" in accept.yaml',
    );
  }
  if (!(Date.parse(expires) > Date.parse(header.issued))) {
    throw new RangeError(
      `Cannot compile an accept-list that expires before it is issued: ${expires}`,
    );
  }
  return parse(acceptListSchema, {
    fleet: loaded.policy.fleet,
    publishers: Object.fromEntries(loaded.accept.publishers),
    accept: [...loaded.accept.accept],
    deny: [...loaded.accept.deny],
    grants: [...loaded.grants].sort((a, b) => (a.script < b.script ? -1 : 1)),
    labels: Object.fromEntries(loaded.accept.labels),
    epoch: header.epoch,
    version: header.version,
    issued: header.issued,
    expires,
    prev: header.prev,
  });
}
