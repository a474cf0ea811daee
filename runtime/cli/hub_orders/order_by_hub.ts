import type { Order } from "../../core/documents/order.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { isAllowedBy } from "../../core/semver_range.ts";
import type { PublishedScript } from "../../hub/mod.ts";
import { parseScriptReference } from "../arguments/script_reference.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { inputOf } from "../order_form/input_of.ts";
import { findHub } from "../reach/find_hub.ts";
import { type HubApi, HubRefusal } from "../reach/hub_api.ts";
import { answerHubOrder, type HubOrderOptions, placeHubOrder } from "./place_order.ts";
import { requireOneSelection } from "./selection.ts";

/** `writ order --hub`: as to one agent, by the hub's key unless others are named. */
export async function orderByHub(
  cli: Cli,
  reference: string,
  fields: readonly string[],
  options: HubOrderOptions & { input?: string },
): Promise<number> {
  const script = parseScriptReference(reference);
  requireOneSelection(options);
  const api = await findHub(cli, options);
  const unknown = (field: string) => {
    const found = `Cannot use "${field}" as the hub has no schema of "${script.name}"`;
    return Promise.resolve(new CliError("usage", found, "give the input as JSON: --input"));
  };
  const schema = await schemaAtHub(api, script);
  const input = await inputOf(cli, script.name, {
    ...{ text: options.input, args: fields, schema, unknown },
  });
  const order = await placeHubOrder(cli, api, { script, input }, options);
  return await answerHubOrder(cli, api, order, options);
}

/** The input schema of the newest version that is meant, where the token may see it. */
async function schemaAtHub(api: HubApi, { name, ...wanted }: Order["script"]) {
  try {
    const { items } = await api.json<{ items: PublishedScript[] }>("GET", "/api/v1/scripts");
    const found = items.find((script) => script.name === name)?.versions.find((one) =>
      "sha256" in wanted ? one.sha256 === wanted.sha256 : isAllowedBy(one.version, wanted.range)
    );
    if (!found) return undefined;
    const answer = await api.ask("GET", `/api/v1/scripts/${name}/${found.version}`);
    const envelope = new Uint8Array(await answer.arrayBuffer());
    return parseDocument("manifest", openEnvelope("manifest", envelope).payload).inputSchema;
  } catch (error) {
    if (error instanceof HubRefusal && error.code === "forbidden") return undefined;
    throw error;
  }
}
