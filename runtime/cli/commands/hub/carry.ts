import type { Command } from "commander";
import { type DocumentKind, payloadType } from "../../../core/dsse.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { readUserFile } from "../../files.ts";
import { findHub, type HubOptions, withHub } from "../../find_hub.ts";

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
  const { ENVELOPE_BYTES } = await import("../../../core/dsse.ts");
  const api = await findHub(cli, options);
  const carried: string[] = [];
  for (const file of files) {
    const kind = kindOf(file);
    const content = new Uint8Array(await readUserFile(cli.path(file), file, ENVELOPE_BYTES[kind]));
    const path = kind === "root" ? "/api/v1/roots" : "/api/v1/acceptlists";
    await (await api.ask("POST", path, { type: payloadType(kind), content })).body?.cancel();
    carried.push(file);
  }
  cli.answer({ carried }, () => carried.map((file) => `The hub carries ${file}`).join("\n"));
}

/** What a file is called says what it is; the hub looks inside. */
function kindOf(file: string): Extract<DocumentKind, "root" | "acceptlist"> {
  const kind = /(?:^|\/)(root|acceptlist)\.\d+\.json$/.exec(file)?.[1];
  if (kind === "root" || kind === "acceptlist") return kind;
  throw new CliError(
    "usage",
    `Cannot tell what "${file}" is as it is called neither root.N.json nor acceptlist.N.json`,
  );
}
