import { basename } from "node:path";
import type { Cli, Registry } from "../../cli.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet/fleet.ts";
import { type PassphraseOptions, readSigners, withPassphrase } from "../../signing/keys.ts";

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
  const [{ compileList }, { sealDocument }, { signatureStatus }, store] = await Promise.all([
    import("../../policy/compile_list.ts"),
    import("../../../core/dsse.ts"),
    import("../../../author/signature_status.ts"),
    import("../../signing/store_signed.ts"),
  ]);
  const fleet = await findFleet(cli, options);
  const { list, root, folder } = await compileList(cli, fleet, options.expires);
  const name = `${folder}/acceptlist.${list.version}`;
  await store.requireNoPartial(name);
  const files = options.key ?? [`${fleet.keys}/accept.pem`];
  const signers = await readSigners(cli, files, options);
  const envelope = sealDocument("acceptlist", list, signers);
  const status = signatureStatus("acceptlist", envelope, { root });
  const { complete } = status;
  const file = await store.storeSigned(name, envelope, complete);
  const { version, epoch, expires } = list;
  const verb = complete ? "Signed" : "Began";
  cli.answer({ version, epoch, expires, file, complete, status }, () =>
    [
      `${verb} accept-list ${version} (epoch ${epoch}, good until ${expires})`,
      `  ${file}`,
      ...(complete ? [] : [
        ...store.statusLines(cli, status),
        `Hand it on: the others run writ sign ${basename(file)} --key KEY, the roots beside it`,
      ]),
    ].join("\n"));
}
