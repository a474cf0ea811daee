import type { Cli, Registry } from "../../cli.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet.ts";
import { type PassphraseOptions, readSigners, withPassphrase } from "../../keys.ts";

interface Options extends FleetOptions, PassphraseOptions {
  expires?: string;
  key?: string[];
}

/** `writ policy sign`: compile and sign in one step, where the key is at hand. */
export function addSignList(group: Registry): void {
  const command = group.command(
    "sign",
    "compile the policy files and sign the list into policy/signed",
    "writ policy sign --expires '30 d'",
  )
    .option("--expires <time>", "good for this long (default: expires of accept.yaml)")
    .option("--key <file...>", "keys of the role accept (default: the fleet's accept.pem)");
  withFleet(withPassphrase(command)).action(group.action(runSignList));
}

async function runSignList(cli: Cli, options: Options): Promise<void> {
  const [{ compileList }, { sealDocument }, { writeAtomically }, { meets }] = await Promise.all([
    import("../../compile_list.ts"),
    import("../../../core/dsse.ts"),
    import("../../../author/atomic_file.ts"),
    import("../../../core/verification/threshold.ts"),
  ]);
  const fleet = await findFleet(cli, options);
  const { list, root, folder } = await compileList(cli, fleet, options.expires);
  const files = options.key ?? [`${fleet.keys}/accept.pem`];
  const signers = await readSigners(cli, files, options);
  const path = `${folder}/acceptlist.${list.version}.json`;
  await writeAtomically(path, sealDocument("acceptlist", list, signers));
  const role = root.roles.accept;
  const signed = new Set(signers.map((s) => s.publicKey).filter((k) => role.keys.includes(k))).size;
  const complete = meets(signed, role.threshold);
  const { version, epoch, expires } = list;
  cli.answer(
    { version, epoch, expires, file: path, complete },
    () =>
      `Signed accept-list ${version} (epoch ${epoch}, good until ${expires})\n  ${path}` +
      (complete
        ? ""
        : `\n${cli.out.yellow("warning")} ${signed} of ${role.threshold} keys of the role accept ` +
          `signed: add the others with writ sign ${path} --key KEY`),
  );
}
