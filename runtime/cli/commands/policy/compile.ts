import { printable } from "../../../core/printable.ts";
import type { Cli, Registry } from "../../cli.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet/fleet.ts";

interface Options extends FleetOptions {
  expires?: string;
  out?: string;
}

/** `writ policy compile`: the files become one list, for keys that lie on another machine. */
export function addCompile(group: Registry): void {
  const command = group.command(
    "compile",
    "make the next accept-list out of the policy files, to be signed elsewhere",
    "writ policy compile --expires '30 d' --out acceptlist.json",
  )
    .option("--expires <time>", "good for this long (default: expires of accept.yaml)")
    .option("--out <file>", "where to put it", "acceptlist.json");
  withFleet(command).action(group.action(runCompile));
}

async function runCompile(cli: Cli, options: Options & { out: string }): Promise<void> {
  const [{ compileList }, { canonicalBytes }, { writeAtomically }] = await Promise.all([
    import("../../policy/compile_list.ts"),
    import("../../../core/canonical_json.ts"),
    import("../../../author/atomic_file.ts"),
  ]);
  const { list } = await compileList(cli, await findFleet(cli, options), options.expires);
  await writeAtomically(cli.path(options.out), canonicalBytes(list));
  const { version, epoch, expires } = list;
  cli.answer(
    { version, epoch, expires, file: cli.path(options.out) },
    () =>
      `Compiled accept-list ${version} (epoch ${epoch}, good until ${expires})
Next: writ sign ${printable(options.out)} --key accept.pem \\
  --out policy/signed/acceptlist.${version}.json`,
  );
}
