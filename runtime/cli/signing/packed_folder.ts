import { basename, dirname } from "node:path";
import { isFolder } from "../../author/path_kind.ts";
import type { Cli } from "../cli.ts";

/** What `writ pack` and `writ sign` leave in the folder of a packed script. */
export type PackedFile = "manifest.json" | "manifest.signed.json";

/**
 * The document that a user means by the folder of a packed script; any other path as it is. So a
 * packed script is named by its folder in every command.
 *
 * @param path As the user wrote it.
 */
export async function inPackedFolder(cli: Cli, path: string, file: PackedFile): Promise<string> {
  return await isFolder(cli.path(path)) ? `${path.replace(/\/+$/, "")}/${file}` : path;
}

/** The folder that a user means by it, or by the manifest in it. */
export async function packedFolder(cli: Cli, path: string): Promise<string> {
  const isManifest = ["manifest.json", "manifest.signed.json"].includes(basename(path));
  return isManifest && !await isFolder(cli.path(path)) ? dirname(path) : path;
}
