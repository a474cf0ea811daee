import type { Digest, KeyId, PublicKey, ScriptName } from "../../core/documents/common.ts";
import { HUB_LIMITS } from "../limits.ts";

/** Whether an agent belongs to the fleet, by the word of the tenant's admins. */
export type Standing = "pending" | "approved" | "revoked";

/** Whether an agent can be reached now. */
export interface Presence {
  readonly state: "online" | "late" | "offline" | "never";
  /** Since when, milliseconds since the epoch. */
  readonly since: number | null;
  /** Why it is not online, in a word or a short sentence. */
  readonly reason: string | null;
}

/** An agent that is away, and is called as a machine calls itself that waits for approval. */
export interface Lookalike {
  readonly id: KeyId;
  readonly name: string;
  /** Since when it is away, or known, milliseconds since the epoch. */
  readonly since: number;
}

/** An agent in a list. */
export interface AgentSummary {
  readonly id: KeyId;
  /** What the machine calls itself, unless it was given a name. */
  readonly name: string;
  readonly standing: Standing;
  /** By the admins of the hub. */
  readonly labels: readonly string[];
  /** By the signed accept-list; orders that are signed elsewhere address these. */
  readonly signedLabels: readonly string[];
  readonly presence: Presence;
  readonly version: string | null;
  readonly deno: string | null;
  /** The number of the release that it runs; `null` for what was installed. */
  readonly release: number | null;
  /** The rules it works by. */
  readonly policy: Digest | null;
  /** The version of the accept-list that it works by. */
  readonly list: number | null;
  readonly level: number | null;
  readonly enrolled: number;
  readonly lastSeen: number | null;
  /** Something an admin should look at. */
  readonly warning: string | null;
  /** While it waits for approval, in whose place it may be. */
  readonly looksLike: Lookalike | null;
}

/** Something that an agent says of itself. */
export interface Fact {
  readonly name: string;
  readonly value: unknown;
  readonly at: number;
  /** The script that says it; `null` for the agent itself. */
  readonly script: ScriptName | null;
}

/** An agent by itself. */
export interface AgentDetail extends AgentSummary {
  readonly key: PublicKey;
  readonly facts: readonly Fact[];
  readonly approvedBy: string | null;
  readonly revokedFor: string | null;
  /** The agent whose place it took. */
  readonly replaces: KeyId | null;
  readonly replacedBy: KeyId | null;
}

/** A row as the database has it. */
export interface AgentRow {
  id: KeyId;
  /** In small letters, as the machine called itself when it enrolled. */
  called: string;
  key: PublicKey;
  name: string;
  standing: Standing;
  enrolled: number;
  approvedBy: string | null;
  revokedFor: string | null;
  replaces: KeyId | null;
  replacedBy: KeyId | null;
  link: string | null;
  linkSince: number | null;
  linkEnd: string | null;
  lastSeen: number | null;
  warning: string | null;
  version: string | null;
  deno: string | null;
  release: number | null;
  policy: Digest | null;
  list: number | null;
  level: number | null;
}

/** The columns of an {@linkcode AgentRow}. */
export const AGENT_COLUMNS = `id, public_key AS "key", name, standing, enrolled,
  approved_by AS "approvedBy", revoked_for AS "revokedFor", replaces, replaced_by AS "replacedBy", called,
  link, link_since AS "linkSince", link_end AS "linkEnd", last_seen AS "lastSeen", warning, version,
  deno, running_release AS "release", policy, list_version AS "list", level`;

/** What is known of an agent's connection. */
export function presenceOf(row: AgentRow, now: number): Presence {
  const { standing, link, linkSince, linkEnd, lastSeen } = row;
  if (link === null) {
    if (linkSince === null) {
      return { state: "never", since: null, reason: waitsFor(standing) ?? "not connected yet" };
    }
    const reason = waitsFor(standing) ?? linkEnd ?? "its connection ended";
    return { state: "offline", since: linkSince, reason };
  }
  if (now - (lastSeen ?? linkSince ?? 0) > HUB_LIMITS.LATE_MS) {
    return { state: "late", since: lastSeen, reason: "its connection stands, but says nothing" };
  }
  return { state: "online", since: linkSince, reason: waitsFor(standing) ?? null };
}

function waitsFor(standing: Standing): string | undefined {
  if (standing === "pending") return "waits for approval";
  return standing === "revoked" ? "revoked" : undefined;
}
