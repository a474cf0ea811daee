import { dirname } from "node:path";
import { isFile } from "../../author/path_kind.ts";
import { printable } from "../../core/printable.ts";
import type { Cli, Registry } from "../cli.ts";

interface Options {
  out?: string;
  created?: string;
}

/** `writ pack`: a module and the manifest that is to be signed. */
export function addPack(registry: Registry): void {
  registry.command(
    "pack <dir>",
    "make the manifest of a script from its manifest.yaml and module",
    "writ pack scripts/hello --out dist/hello-1.0.0",
  )
    .option("--out <dir>", "where to put both (default: dist/NAME-VERSION)")
    .option(
      "--created <time>",
      "the date in the manifest (default: created in manifest.yaml, else the files' time)",
    )
    .action(registry.action(runPack));
}

async function runPack(cli: Cli, dir: string, options: Options): Promise<void> {
  const { packScript } = await import("../../author/pack_script.ts");
  const { writeAtomically } = await import("../../author/atomic_file.ts");
  const { created } = options;
  const folder = await folderOf(cli.path(dir));
  const packed = await packScript(folder, created === undefined ? {} : { created });
  const { manifest, payload, module, file, sourceMap, files, packages, createdFrom } = packed;
  const shown = options.out ?? `dist/${manifest.name}-${manifest.version}`;
  const out = cli.path(shown);
  await Deno.mkdir(out, { recursive: true });
  await writeAtomically(`${out}/${file}`, module);
  if (sourceMap) await writeAtomically(`${out}/${file}.map`, sourceMap);
  await writeAtomically(`${out}/manifest.json`, payload);
  const answer = {
    script: `${manifest.publisher}/${manifest.name}`,
    version: manifest.version,
    sha256: manifest.module.sha256,
    length: manifest.module.length,
    created: manifest.created,
    createdFrom,
    manifest: `${out}/manifest.json`,
    module: `${out}/${file}`,
    sourceMap: sourceMap ? `${out}/${file}.map` : null,
    files,
    packages,
  };
  cli.answer(
    answer,
    () =>
      `Packed ${cli.out.bold(`${answer.script} ${answer.version}`)} into ${printable(shown)}
  module  ${answer.sha256}, ${answer.length} bytes${madeOf(files, packages)}
  created ${answer.created} (from ${createdFrom})
Next: writ sign ${printable(shown)} --key KEY.pem`,
  );
  if (createdFrom === "file times") {
    cli.note(
      `${cli.err.cyan("hint:")} write "created: ${answer.created}" into manifest.yaml, ` +
        "so that others can make the very same bytes",
    );
  }
}

/** Only where it is not the author's one file as it was. */
function madeOf(files: readonly string[], packages: readonly string[]): string {
  if (files.length + packages.length < 2) return "";
  return `\n  made of ${[...files, ...packages].map(printable).join(", ")}`;
}

/** A module stands for the folder it is in. */
async function folderOf(path: string): Promise<string> {
  return await isFile(path) ? dirname(path) : path;
}
