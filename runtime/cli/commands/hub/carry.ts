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
  carry.option(
    "--alone",
    "also a root under which the newest list does not hold: nothing runs then",
  );
  withHub(carry).action(registry.action(runCarry));
}

async function runCarry(
  cli: Cli,
  files: string[],
  options: HubOptions & { alone?: boolean },
): Promise<void> {
  const { seeDocument } = await import("../../../author/document_kind.ts");
  const api = await findHub(cli, options);
  const documents = [];
  for (const file of files) {
    const content = new Uint8Array(
      await readUserFile(cli.path(file), file, ENVELOPE_BYTES.acceptlist),
    );
    documents.push({ file, content, kind: kindOf(seeDocument(content), file) });
  }
  // The list that holds under a new root comes behind it.
  const isAlone = options.alone || documents.at(-1)?.kind === "acceptlist";
  for (const { kind, content } of documents) {
    const roots = `/api/v1/roots${isAlone ? "?alone=true" : ""}`;
    const path = kind === "root" ? roots : "/api/v1/acceptlists";
    await (await api.ask("POST", path, { type: payloadType(kind), content })).body?.cancel();
  }
  cli.answer({ carried: files }, () => files.map((file) => `The hub carries ${file}`).join("\n"));
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
