import type { AcceptEntry, DenyEntry } from "../core/documents/acceptlist.ts";
import type { Grant } from "../core/documents/grant.ts";
import { beyondCeiling } from "./ceiling.ts";
import { checkAliases } from "./check_aliases.ts";
import type { Decoded } from "./decoded.ts";
import type { AcceptFile } from "./files/accept_file.ts";
import type { FleetFile } from "./files/fleet_file.ts";
import { didYouMean } from "./near_word.ts";
import { Place } from "./yaml/place.ts";
import type { Finding, PolicyFile, Segments } from "./yaml/policy_file.ts";

/**
 * Checks what no file can know alone, and collects mistakes and warnings in the files: grants
 * against orderers, ceiling and one another, accept entries against publishers and grants.
 */
export function crossCheck(
  fleet: Decoded<FleetFile>,
  accept: Decoded<AcceptFile> | undefined,
  grants: readonly Decoded<Grant>[],
): void {
  const seen = new Map<string, string>();
  for (const grant of grants) {
    checkOnce(grant, seen);
    checkOrderers(grant, fleet.file.keysAt(["orderers"]));
    checkCeiling(grant, fleet.value);
    if (accept) checkUsed(grant, accept.value);
  }
  checkAliases(grants);
  if (!accept) return;
  checkPublishers(accept);
  checkGranted(accept, new Set(grants.map((g) => g.value.script)));
  checkDenied(accept);
}

function checkOnce({ file, value }: Decoded<Grant>, seen: Map<string, string>): void {
  const first = seen.get(value.script);
  if (first) {
    mistake(file, ["script"], {
      code: "duplicate",
      message: `has its grant in ${first} already: "${value.script}"`,
    });
  } else seen.set(value.script, file.name);
}

function checkOrderers({ file, value }: Decoded<Grant>, orderers: readonly string[]): void {
  value.orders.forEach((orderer, i) => {
    if (orderers.includes(orderer)) return;
    mistake(file, ["orders", i], {
      code: "unknown_name",
      message: `must be an orderer of fleet.yaml (${list(orderers)}): got "${orderer}"`,
      hint: didYouMean(orderer, orderers) ?? "name its keys under orderers: in fleet.yaml",
    });
  });
}

function checkCeiling({ file, value }: Decoded<Grant>, fleet: FleetFile): void {
  for (const { segments, message, hint } of beyondCeiling(value, fleet.ceiling)) {
    mistake(file, segments, { code: "beyond_ceiling", message, hint });
  }
}

function checkUsed({ file, value }: Decoded<Grant>, accept: AcceptFile): void {
  const scripts = new Set(accept.accept.map((entry) => entry.script));
  if (scripts.has(value.script)) return;
  warn(file, ["script"], {
    code: "useless_rule",
    message: `is on no accept entry, so this grant is never used: "${value.script}"`,
    hint: didYouMean(value.script, scripts),
  });
}

/** Collects a mistake for every accept entry whose publisher stands nowhere in the file. */
export function checkPublishers({ file, value }: Decoded<AcceptFile>): void {
  const publishers = file.keysAt(["publishers"]);
  value.accept.forEach((entry, i) => {
    const publisher = publisherOf(entry);
    if (publishers.includes(publisher)) return;
    mistake(file, ["accept", i, "script"], {
      code: "unknown_name",
      message: `must be of a publisher of this file (${list(publishers)}): got "${publisher}"`,
      hint: didYouMean(publisher, publishers),
    });
  });
}

function checkGranted({ file, value }: Decoded<AcceptFile>, granted: ReadonlySet<string>): void {
  const said = new Set<string>();
  value.accept.forEach((entry, i) => {
    if (granted.has(entry.script) || said.has(entry.script)) return;
    said.add(entry.script);
    warn(file, ["accept", i, "script"], {
      code: "useless_rule",
      message: `has no grant, so nobody may order it: "${entry.script}"`,
      hint: didYouMean(entry.script, granted),
    });
  });
}

function checkDenied({ file, value }: Decoded<AcceptFile>): void {
  value.accept.forEach((entry, i) => {
    if (!value.deny.some((deny) => shadows(deny, entry))) return;
    warn(file, ["accept", i], {
      code: "useless_rule",
      message: "is denied below, so it never runs",
    });
  });
}

/** Whether a deny entry leaves nothing of an accept entry, as far as both say it in words. */
function shadows(deny: DenyEntry, entry: AcceptEntry): boolean {
  if ("sha256" in deny) return "sha256" in entry && deny.sha256 === entry.sha256;
  if (!("script" in deny) || deny.script !== entry.script) return false;
  return deny.range === undefined || ("range" in entry && deny.range === entry.range);
}

function publisherOf(entry: AcceptEntry): string {
  return entry.script.split("/")[0]!;
}

function mistake(file: PolicyFile, segments: Segments, finding: Finding): void {
  new Place(file, file.find(segments), segments).mistake(finding);
}

function warn(file: PolicyFile, segments: Segments, finding: Finding): void {
  new Place(file, file.find(segments), segments).warn(finding);
}

function list(names: readonly string[]): string {
  return names.join(", ") || "none there";
}
