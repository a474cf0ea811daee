import { openSource } from "../../agent/mod.ts";
import { releaseOf } from "../../author/diff/read_release.ts";
import type { Release } from "../../author/diff/source_changes.ts";
import { packScript } from "../../author/pack_script.ts";
import { isFile } from "../../author/path_kind.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { modulePath } from "../../core/source_layout.ts";
import { loadPolicyDir } from "../../policy/mod.ts";
import { parseScriptReference } from "../arguments/script_reference.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { findManifest } from "./find_manifest.ts";
import { findFleet, type FleetOptions } from "./fleet.ts";

/**
 * Finds a version of a script: a folder that `writ pack` made, one that it would pack, or
 * `publisher/name@range` in the fleet's sources. Signatures are not looked at.
 *
 * @throws {CliError} no_such_file, usage – when there is none
 */
export async function findRelease(
  cli: Cli,
  named: string,
  options: FleetOptions,
): Promise<Release> {
  const folder = cli.path(named);
  if (await isFile(`${folder}/manifest.yaml`)) {
    const { manifest, module, sourceMap } = await packScript(folder);
    return { manifest, module, ...(sourceMap && { sourceMap }) };
  }
  for (const name of ["manifest.signed.json", "manifest.json"]) {
    if (!await isFile(`${folder}/${name}`)) continue;
    const bytes = await Deno.readFile(`${folder}/${name}`);
    const payload = name === "manifest.json" ? bytes : openEnvelope("manifest", bytes).payload;
    return await packedIn(folder, parseDocument("manifest", payload), named);
  }
  return await published(cli, named, options);
}

async function published(cli: Cli, named: string, options: FleetOptions): Promise<Release> {
  const script = parseScriptReference(named);
  const { policy } = await findFleet(cli, options);
  const wanted = "sha256" in script ? script.sha256 : script.range;
  for (const address of (await loadPolicyDir(policy)).fleet.sources) {
    const envelope = await findManifest([address], script.name, wanted);
    if (!envelope) continue;
    const manifest = parseDocument("manifest", openEnvelope("manifest", envelope).payload);
    const source = openSource(address.kind === "http" ? address.url : address.path);
    return await releaseOf(
      manifest,
      (sha256, length) => source.read(modulePath(sha256), length),
      named,
    );
  }
  throw new CliError(
    "no_such_file",
    `Cannot find "${named}" as it is no folder of a script, and no source of the fleet has it`,
    "give a folder, or publisher/name@1.4.0",
  );
}

/** The module and its map by their hashes, whatever they are called. */
async function packedIn(folder: string, manifest: Manifest, shown: string): Promise<Release> {
  const files: Uint8Array[] = [];
  const lengths = [manifest.module.length, manifest.sourceMap?.length];
  for await (const { name } of Deno.readDir(folder)) {
    const { size, isFile } = await Deno.stat(`${folder}/${name}`);
    if (isFile && lengths.includes(size) && size <= LIMITS.SOURCE_MAP_BYTES) {
      files.push(await Deno.readFile(`${folder}/${name}`));
    }
  }
  const { digestOf } = await import("../../core/digest.ts");
  const read = (sha256: string) =>
    Promise.resolve(files.find((bytes) => digestOf(bytes) === sha256));
  return await releaseOf(manifest, read, shown);
}
