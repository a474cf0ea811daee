import type { FactKind } from "../../policy/mod.ts";
import { WRIT_VERSION } from "../../core/version.ts";
import type { Rules } from "../trust/load_rules.ts";
import type { ReportedFact } from "./wire.ts";

/** What {@linkcode gatherFacts} looks at. */
export interface FactSources {
  rules(): Rules;
  /** Bytes that the state folder holds. */
  stateBytes(): number;
}

/** The facts that the policy lets the hub know, and no others. */
export function gatherFacts(kinds: readonly FactKind[], sources: FactSources): ReportedFact[] {
  return kinds.flatMap((kind) => GATHERERS[kind](sources));
}

const GATHERERS: Readonly<Record<FactKind, (sources: FactSources) => ReportedFact[]>> = {
  os: () => [{ name: "os", value: { name: Deno.build.os, arch: Deno.build.arch } }],
  versions: () => [
    { name: "versions", value: { writ: WRIT_VERSION, deno: Deno.version.deno } },
  ],
  disk: ({ stateBytes }) => [{ name: "disk", value: { stateBytes: stateBytes() } }],
  scripts: ({ rules }) => [
    { name: "scripts", value: [...rules().policy.grants.keys()].slice(0, 50) },
  ],
};
