import { basename } from "node:path";
import { is } from "valibot";
import { nameSchema } from "../core/documents/common.ts";
import { AuthorError } from "./errors.ts";
import { manifestFileSchema } from "./manifest_schema.ts";
import {
  NEW_DENO_JSON,
  NEW_GITIGNORE,
  NEW_GREETING,
  NEW_MODULE,
  NEW_TEST,
  newManifest,
  newReadme,
} from "./script_templates.ts";

const SDK = new URL("../sdk/", import.meta.url);
/** Files of {@linkcode SDK}: named, as a folder of a web server cannot be listed. */
const SDK_FILES = [
  "mod.ts",
  "context.ts",
  "capabilities.ts",
  "browser.ts",
  "endpoint.ts",
  "test.ts",
];

/** A script folder that was made. */
export interface NewScript {
  readonly dir: string;
  readonly publisher: string;
  readonly name: string;
  /** Relative to the folder. */
  readonly files: readonly string[];
}

/**
 * Makes the folder of a new script that runs, passes its tests and packs at once, with types and a
 * schema by which editors complete `ctx` and the manifest.
 *
 * @param dir Absolute; its last part becomes the script's name.
 * @throws {AuthorError} new_script – when the folder is there, or its name can be no script's
 */
export async function newScript(dir: string, publisher: string): Promise<NewScript> {
  const name = basename(dir);
  for (const text of [publisher, name]) {
    if (is(nameSchema, text)) continue;
    const hint = "1 to 64 of a-z, 0-9 and -, as in acme or print-labels";
    throw new AuthorError("new_script", `Cannot call a publisher or script "${text}"`, hint);
  }
  await makeFolder(dir);
  const files: Record<string, string> = {
    "mod.ts": NEW_MODULE,
    "greeting.ts": NEW_GREETING,
    "mod_test.ts": NEW_TEST,
    "manifest.yaml": newManifest({ publisher, name }),
    "deno.json": NEW_DENO_JSON,
    "README.md": newReadme({ publisher, name }),
    ".gitignore": NEW_GITIGNORE,
  };
  for (const [file, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${dir}/${file}`, text);
  }
  const types = await writeTypes(dir);
  return { dir, publisher, name, files: [...Object.keys(files), ...types] };
}

/**
 * Writes what editors complete by into `.writ/` of a script's folder: the types of this version.
 *
 * @returns The files, relative to the folder.
 */
export async function writeTypes(dir: string): Promise<string[]> {
  await Deno.mkdir(`${dir}/.writ`, { recursive: true });
  const texts: [string, string][] = [
    ["manifest.schema.json", JSON.stringify(manifestFileSchema(), null, 2) + "\n"],
  ];
  for (const name of SDK_FILES) texts.push([name, await Deno.readTextFile(new URL(name, SDK))]);
  for (const [name, text] of texts) await Deno.writeTextFile(`${dir}/.writ/${name}`, text);
  return texts.map(([name]) => `.writ/${name}`);
}

async function makeFolder(dir: string): Promise<void> {
  try {
    await Deno.mkdir(dir.slice(0, dir.lastIndexOf("/")) || "/", { recursive: true });
    await Deno.mkdir(dir);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
    const hint = "choose another name; nothing is replaced";
    throw new AuthorError("new_script", `Cannot make "${dir}" as it exists`, hint, { cause });
  }
}
