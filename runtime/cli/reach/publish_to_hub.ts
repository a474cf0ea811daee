import type { SignedScript } from "../../author/publish.ts";
import { printable } from "../../core/printable.ts";
import type { Cli } from "../cli.ts";
import { findHub, type HubOptions } from "./find_hub.ts";

interface Published {
  readonly script: string;
  readonly version: string;
  readonly module: string;
  readonly isNew: boolean;
}

/** Publishes a script to a hub, for its agents to fetch: the module first, then what names it. */
export async function publishToHub(
  cli: Cli,
  script: SignedScript,
  options: HubOptions,
): Promise<void> {
  const [{ requireWhole }, { digestOf }, { payloadType }] = await Promise.all([
    import("../../author/publish.ts"),
    import("../../core/digest.ts"),
    import("../../core/dsse.ts"),
  ]);
  await requireWhole(script);
  const hub = await findHub(cli, options);
  for (const body of [script.module, ...script.sourceMap ? [script.sourceMap] : []]) {
    await hub.upload(digestOf(body), body);
  }
  const body = { type: payloadType("manifest"), content: new Uint8Array(script.envelope) };
  const published: Published = await (await hub.ask("POST", "/api/v1/scripts", body)).json();
  const name = cli.out.bold(printable(`${published.script} ${published.version}`));
  cli.answer(
    { ...published, hub: hub.url },
    () =>
      published.isNew ? `Published ${name} to the hub at ${hub.url}` : `${name} is there already`,
  );
}
