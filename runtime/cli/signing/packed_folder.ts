import { basename, dirname } from "node:path";
import { exists, isFolder } from "../../author/path_kind.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";

/** What `writ pack` and `writ sign` leave in the folder of a packed script. */
export type PackedFile = "manifest.json" | "manifest.signed.json";

/**
 * The document that a user means by the folder of a packed script; any other path as it is. So a
 * packed script is named by its folder in every command.
 *
 * @param path As the user wrote it.
 * @throws {CliError} no_such_file – when the folder has no such document
 */
export async function inPackedFolder(cli: Cli, path: string, file: PackedFile): Promise<string> {
  if (!await isFolder(cli.path(path))) return path;
  const folder = path.replace(/\/+$/, "");
  if (await exists(cli.path(`${folder}/${file}`))) return `${folder}/${file}`;
  const isPacked = await exists(cli.path(`${folder}/manifest.json`));
  throw new CliError(
    "no_such_file",
    `Cannot read "${folder}/${file}" as it does not exist`,
    isPacked
      ? `sign it first: writ sign ${folder} --key KEY.pem`
      : `pack it first: writ pack ${folder}`,
  );
}

/** The folder that a user means by it, or by the manifest in it. */
export async function packedFolder(cli: Cli, path: string): Promise<string> {
  const isManifest = ["manifest.json", "manifest.signed.json"].includes(basename(path));
  return isManifest && !await isFolder(cli.path(path)) ? dirname(path) : path;
}
