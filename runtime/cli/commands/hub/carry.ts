import type { Command } from "commander";
import type { SeenDocument } from "../../../author/document_kind.ts";
import { ENVELOPE_BYTES, payloadType } from "../../../core/dsse.ts";
import { readUserFile } from "../../arguments/files.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { findHub, type HubOptions, withHub } from "../../reach/find_hub.ts";

/** `writ hub carry`: hands signed documents to the hub, which takes them to the agents. */
export function addHubCarry(registry: Registry, hub: Command): void {
  const carry = registry.command(
    "carry <file...>",
    "give the hub signed roots and accept-lists to take to every agent",
    "writ hub carry policy/signed/acceptlist.3.json",
    hub,
  );
  withHub(carry).action(registry.action(runCarry));
}

async function runCarry(cli: Cli, files: string[], options: HubOptions): Promise<void> {
  const { seeDocument } = await import("../../../author/document_kind.ts");
  const api = await findHub(cli, options);
  const carried: string[] = [];
  for (const file of files) {
    const content = new Uint8Array(
      await readUserFile(cli.path(file), file, ENVELOPE_BYTES.acceptlist),
    );
    const kind = kindOf(seeDocument(content), file);
    const path = kind === "root" ? "/api/v1/roots" : "/api/v1/acceptlists";
    await (await api.ask("POST", path, { type: payloadType(kind), content })).body?.cancel();
    carried.push(file);
  }
  cli.answer({ carried }, () => carried.map((file) => `The hub carries ${file}`).join("\n"));
}

function kindOf(seen: SeenDocument | undefined, file: string): "root" | "acceptlist" {
  const isCarried = seen?.kind === "root" || seen?.kind === "acceptlist";
  if (isCarried && seen.form === "envelope") return seen.kind as "root" | "acceptlist";
  throw new CliError(
    "usage",
    `Cannot have "${file}" carried as it is no signed root or accept-list`,
    isCarried ? `sign it first: writ sign ${file} --key FILE` : undefined,
  );
}
