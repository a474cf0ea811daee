import { isFolder } from "../../author/path_kind.ts";
import { printable } from "../../core/printable.ts";
import { fileError } from "../arguments/files.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";

interface Options {
  publisher: string;
  types?: boolean;
}

/** `writ new`: the folder of a script, ready to be tried. */
export function addNew(registry: Registry): void {
  registry.command(
    "new <dir>",
    "make the folder of a new script: module, test, manifest, and types for editors",
    "writ new scripts/labels --publisher acme",
  )
    .option("--publisher <name>", "whose script it is, as accept-lists call you", "example")
    .option("--types", "only write the types for editors again, into a folder that is there")
    .action(registry.action(runNew));
}

async function runNew(cli: Cli, dir: string, options: Options): Promise<void> {
  const { newScript, writeTypes } = await import("../../author/new_script.ts");
  const path = cli.path(dir);
  const failed = (error: Error) => {
    throw error.name === "AuthorError" ? error : fileError("write", dir, error);
  };
  if (options.types) {
    if (!await isFolder(path)) {
      throw new CliError("no_such_file", `Cannot write types into "${dir}" as it is no folder`);
    }
    const files = await writeTypes(path).catch(failed);
    return cli.answer({ dir: path, files }, () => `Wrote types into ${printable(dir)}/.writ`);
  }
  const made = await newScript(path, options.publisher).catch(failed);
  cli.answer(
    made,
    () =>
      `Made ${cli.out.bold(`${made.publisher}/${made.name}`)} in ${printable(dir)}
${made.files.map((file) => `  ${file}`).join("\n")}
Next: writ test ${printable(dir)}
      writ try ${printable(dir)} --input '{"name": "Ada"}' --watch`,
  );
}
