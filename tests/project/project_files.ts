import { fileURLToPath } from "node:url";

/** Folder of the project, without a slash at the end. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** In the top folder: made by running or building something, or brought by a package manager. */
const NOT_OURS = new Set([".git", ".writ", "state", "coverage", "node_modules"]);

/** The project's files, relative to {@linkcode ROOT}, in order. */
export function projectFiles(folder = ""): string[] {
  const files: string[] = [];
  for (const { name, isDirectory, isFile } of Deno.readDirSync(`${ROOT}/${folder}`)) {
    if (folder === "" && NOT_OURS.has(name)) continue;
    if (isDirectory) files.push(...projectFiles(`${folder}${name}/`));
    else if (isFile) files.push(`${folder}${name}`);
  }
  return files.sort();
}

/** Text of a project's file. */
export function textOf(file: string): string {
  return Deno.readTextFileSync(`${ROOT}/${file}`);
}

/** deno.json, which is plain JSON here. */
export function config(): { imports: Record<string, string>; tasks: Record<string, unknown> } {
  return JSON.parse(textOf("deno.json"));
}
