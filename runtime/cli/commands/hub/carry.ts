import type { Command } from "commander";
import type { SeenDocument } from "../../../author/document_kind.ts";
import { ENVELOPE_BYTES } from "../../../core/dsse.ts";
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
  const documents: Uint8Array[] = [];
  for (const file of files) {
    const content = await readUserFile(cli.path(file), file, ENVELOPE_BYTES.acceptlist);
    requireCarried(seeDocument(content), file);
    documents.push(content);
  }
  const content = new TextEncoder().encode(documents.map(textOf).join("\n"));
  const path = `/api/v1/signed${options.alone ? "?alone=true" : ""}`;
  await (await api.ask("POST", path, { type: "application/x-ndjson", content })).body?.cancel();
  cli.answer({ carried: files }, () => files.map((file) => `The hub carries ${file}`).join("\n"));
}

function requireCarried(seen: SeenDocument | undefined, file: string): void {
  const isCarried = seen?.kind === "root" || seen?.kind === "acceptlist";
  if (isCarried && seen.form === "envelope") return;
  throw new CliError(
    "usage",
    `Cannot have "${file}" carried as it is no signed root or accept-list`,
    isCarried ? `sign it first: writ sign ${file} --key FILE` : undefined,
  );
}

/** An envelope's text, without the line end that an editor may have put behind it. */
function textOf(content: Uint8Array): string {
  return new TextDecoder().decode(content).trimEnd();
}
