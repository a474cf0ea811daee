import type { Cli, Registry } from "../../cli.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet/fleet.ts";

interface Options extends FleetOptions {
  out?: string;
}

/** `writ policy schema`: what editors check policy files by, of this version of Writ. */
export function addSchema(group: Registry): void {
  const command = group.command(
    "schema",
    "write the JSON Schemas of the policy files, for editors that know yaml-language-server",
    "writ policy schema",
  )
    .option("--out <dir>", "where to put them (default: policy/schema)");
  withFleet(command).action(group.action(runSchema));
}

async function runSchema(cli: Cli, options: Options): Promise<void> {
  const [{ writePolicySchemas }, { schemaLine }] = await Promise.all([
    import("../../../author/policy_schema_files.ts"),
    import("../../../policy/mod.ts"),
  ]);
  const dir = options.out === undefined
    ? `${(await findFleet(cli, options)).policy}/schema`
    : cli.path(options.out);
  const wrote = await writePolicySchemas(dir);
  cli.answer({ wrote }, () =>
    `Wrote
${wrote.map((path) => `  ${path}`).join("\n")}
Editors find them by the first line of each file, such as
  ${schemaLine("fleet")}`);
}
