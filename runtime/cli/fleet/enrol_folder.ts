import type { Enrolment } from "../../agent/hub_link/enrol.ts";
import { exists } from "../../author/path_kind.ts";
import { writePolicySchemas } from "../../author/policy_schema_files.ts";
import { loadPolicyDir, schemaLine } from "../../policy/mod.ts";
import { CliError } from "../errors.ts";

/** A folder that says to which fleet this machine belongs. */
export interface EnrolledFolder {
  readonly fleet: string;
  /** Where its signed documents lie. */
  readonly signed: string;
}

/**
 * What a folder says of the fleet, if it says anything: a machine whose state was lost keeps it.
 *
 * @throws {CliError} refused – it is a policy of its own, or names no hub
 * @throws {PolicyError} – as `loadPolicyDir()`
 */
export async function readEnrolled(dir: string): Promise<EnrolledFolder | undefined> {
  if (!await exists(`${dir}/policy/fleet.yaml`)) return undefined;
  const loaded = await loadPolicyDir(`${dir}/policy`);
  if (loaded.mode === "signed" && loaded.fleet.hub) {
    return { fleet: loaded.fleet.fleet, signed: loaded.root };
  }
  throw new CliError(
    "refused",
    `Cannot enrol in "${dir}" as its fleet.yaml ` +
      (loaded.mode === "local" ? "is a policy of its own" : "names no hub"),
    "choose a folder without one: --fleet DIR",
  );
}

/**
 * Writes what an agent starts with: the pinned root and, where there is none yet, a policy that
 * only narrows what the fleet signs.
 *
 * @returns the files that were written, below the folder.
 */
export async function writeEnrolled(
  dir: string,
  { roots, root, hub }: Enrolment,
  before: EnrolledFolder | undefined,
): Promise<string[]> {
  const [{ writeRoot }, { writeDurably }] = await Promise.all([
    import("../../agent/trust/keep_documents.ts"),
    import("../../agent/state/durable_write.ts"),
  ]);
  const signed = before?.signed ?? `${dir}/policy/signed`;
  await Deno.mkdir(signed, { recursive: true, mode: 0o755 });
  const written: string[] = [];
  if (!before) {
    writeDurably(`${dir}/policy/fleet.yaml`, fleetYaml(root.fleet, hub), 0o644);
    written.push("policy/fleet.yaml");
    await writePolicySchemas(`${dir}/policy/schema`);
    written.push("policy/schema");
  }
  for (const envelope of roots) writeRoot(signed, envelope);
  written.push(signed.startsWith(`${dir}/`) ? signed.slice(dir.length + 1) : signed);
  return written;
}

function fleetYaml(fleet: string, { url, id, tenant, ca }: Enrolment["hub"]): string {
  return `${
    schemaLine("fleet")
  }# What may run here is what the fleet signs; this file only narrows it.
fleet: ${fleet}
mode: signed
root: signed

# The hub that this agent is connected to, and what of this machine it may know.
hub:
  url: ${url}
  id: ${id}
  tenant: ${tenant}
${ca === undefined ? "" : `  ca: ${ca}\n`}  facts: [os, versions, disk, scripts]

# The hub is asked for scripts too. More sources: folders, from here, or http(s) addresses.
sources: []

listen: 127.0.0.1:8799

# What no signed grant can exceed on this machine. What is not written here is not allowed.
ceiling:
  permissions:
    net: []
  limits: { memory: 256 MB, cpu: 30 s, wall: 15 min, output: 4 MB, runs: 8 }
`;
}
