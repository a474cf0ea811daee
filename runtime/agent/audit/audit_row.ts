import { canonicalBytes } from "../../core/canonical_json.ts";
import { digestOf } from "../../core/digest.ts";
import type { Digest, KeyId, PublicKey, ScriptName } from "../../core/documents/common.ts";
import type { Figures } from "../../core/outcome.ts";

/** What the audit log records. */
export type AuditEvent =
  | { event: "agent_started"; detail: { agent: KeyId; fleet: string } }
  /** There was a key and no database: what this agent did before is not known. */
  | { event: "records_lost"; detail: { agent: KeyId; from: string } }
  /** The state came from a backup of that time; so many runs of it were not begun again. */
  | { event: "state_restored"; detail: { agent: KeyId; from: string; interrupted: number } }
  | { event: "agent_stopped"; detail: { agent: KeyId } }
  /** Signed, whole and started once; the agent becomes it at its next start. */
  | { event: "release_taken"; detail: { release: number; version: string; deno: string } }
  /** It runs, and came up well. */
  | { event: "release_kept"; detail: { release: number; version: string; deno: string } }
  /** It did not come up; the one before it runs again. */
  | { event: "release_given_up"; detail: { release: number } }
  /** Somebody has it run the one before again; `null` is what was installed. */
  | { event: "release_back"; detail: { release: number; to: number | null } }
  | {
    event: "policy_loaded";
    detail: {
      policy: Digest;
      fleet: string;
      /** The policy in force until then, also by an agent that was stopped in between. */
      before: Digest | null;
      /** What is different, in words, and how many differences are not told. */
      changes: string[];
      untold: number;
    };
  }
  /** The local operator gave this agent a script; whether it may run is another question. */
  | {
    event: "script_published";
    detail: { script: ScriptName; version: string; sequence: number; module: Digest };
  }
  /** The old policy stays in force. */
  | { event: "policy_refused"; detail: { code: string; message: string } }
  | {
    event: "order_accepted";
    detail: { order: string; run: number; orderer: string; script: ScriptName; digest: Digest };
  }
  /** Of a caller whose signature is known; `orderers` are those that the signing keys belong to. */
  | {
    event: "order_refused";
    detail: {
      digest: Digest;
      orderers: string[];
      code: string;
      message: string;
      /** What it asked for, and of which hash or versions; absent for what is no order. */
      script?: ScriptName;
      wanted?: string;
    };
  }
  /** Of a caller whose signature is known: what it asked for is not for it, or not written well. */
  | { event: "call_refused"; detail: RefusedCall }
  /** Of strangers, and repeats: counted, so that nobody can fill the disk. */
  | {
    event: "refusals_counted";
    detail: { since: string; until: string; counts: Record<string, number> };
  }
  /** What scripts' endpoints answered, by script, then by caller and outcome. */
  | {
    event: "requests_served";
    detail: { since: string; until: string; counts: Record<string, Record<string, number>> };
  }
  /** An event that a script named, in a run, in a request or in a live cell. All of it is the script's. */
  | {
    event: "script_event";
    detail:
      & { script: ScriptName; run?: number; name: string }
      & ({ data: unknown } | { beginning: string });
  }
  /** How many more each script named than are written down. */
  | {
    event: "script_events_counted";
    detail: { since: string; until: string; counts: Record<ScriptName, number> };
  }
  | {
    event: "run_started";
    detail: { run: number; order: string; module: Digest; policy: Digest; level: number };
  }
  | {
    event: "run_ended";
    detail: { run: number; order: string; outcome: string; rule?: string; figures: Figures | null };
  };

/** A signed call that was refused. */
export interface RefusedCall {
  readonly key: PublicKey;
  /** The orderers that the key belongs to. */
  readonly orderers: readonly string[];
  /** Method and path as the table of routes writes them. */
  readonly route: string;
  readonly path: string;
  readonly code: string;
}

/** One row as it is stored. `detail` is canonical JSON text. */
export interface AuditRow {
  seq: number;
  time: number;
  event: string;
  detail: string;
  /** The hash of the row before; {@linkcode FIRST_PREV} for the first. */
  prev: Digest;
  hash: Digest;
}

/** What stands where the first row names the one before it. */
export const FIRST_PREV: Digest = `sha256:${"0".repeat(64)}`;

/** The hash of a row: over everything in it, and through `prev` over everything before it. */
export function hashOfRow(row: Omit<AuditRow, "hash">): Digest {
  const { seq, time, event, detail, prev } = row;
  return digestOf(canonicalBytes(["writ.audit.row.v1", seq, time, event, detail, prev]));
}
