import * as v from "valibot";
import { collectBytes } from "../../core/collect_bytes.ts";
import { countSchema, keyIdSchema } from "../../core/documents/common.ts";
import { momentOf } from "../../core/instant.ts";
import { artefactNameSchema } from "../../hub/artefacts/artefact_part.ts";
import { HUB_LIMITS } from "../../hub/limits.ts";
import type { Artefact } from "../../hub/mod.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import type { HubApi } from "../reach/hub_api.ts";
import { table } from "../terminal/table.ts";
import { orderPath } from "./show_orders.ts";

/** Lists the files that the runs of an order left; with a folder, also saves those that are whole. */
export async function hubArtefacts(
  cli: Cli,
  api: HubApi,
  order: string,
  save: string | undefined,
): Promise<void> {
  const path = `${await orderPath(api, order)}/artefacts`;
  const { items } = await api.list<Artefact>(path);
  const saved: string[] = [];
  if (save !== undefined) {
    await Deno.mkdir(cli.path(save), { recursive: true });
    for (const item of items.filter(({ isWhole }) => isWhole)) {
      saved.push(await saveOne(cli, api, path, save, item));
    }
  }
  cli.answer({ items, saved }, () =>
    [
      table(
        ["NAME", "RUN", "FILE", "BYTES", "TIME"],
        items.map(({ agentName, run, name, bytes, isWhole, refused, at }) => [
          agentName,
          String(run),
          name,
          isWhole ? String(bytes) : `${bytes}, not whole${whyNot(refused)}`,
          momentOf(at),
        ]),
        cli.out.dim,
      ),
      ...saved.map((file) => `saved ${file}`),
    ].join("\n"));
}

function whyNot(refused: Artefact["refused"]): string {
  return refused === null ? "" : `: ${REFUSED[refused]}`;
}

const REFUSED: Readonly<Record<NonNullable<Artefact["refused"]>, string>> = {
  order_full: "too much for one order on one agent",
  tenant_full: "the tenant has no room for it",
  log_full: "its order said more than the hub keeps",
};

const savedSchema = v.object({
  agent: keyIdSchema,
  run: countSchema(1),
  name: artefactNameSchema,
});

/** Where it is saved. A hub that was taken over names files as it likes, this machine takes none. */
function fileOf(folder: string, artefact: Artefact): string {
  const named = v.safeParse(savedSchema, artefact);
  if (!named.success) {
    const found = JSON.stringify(artefact.name)?.slice(0, 120);
    throw new CliError("refused", `Cannot save a file as the hub gives it no good name: ${found}`);
  }
  const { agent, run, name } = named.output;
  const id = agent.slice("writ-key:".length, "writ-key:".length + 8);
  return `${folder}/${id}-${run}-${name}`;
}

async function saveOne(
  cli: Cli,
  api: HubApi,
  path: string,
  folder: string,
  artefact: Artefact,
): Promise<string> {
  const file = fileOf(folder, artefact);
  const { agent, run, name } = artefact;
  const answer = await api.ask(
    "GET",
    `${path}/${[agent, run, name].map(encodeURIComponent).join("/")}`,
  );
  const bytes = await collectBytes(answer.body, HUB_LIMITS.ARTEFACT_BYTES);
  if (!bytes) {
    throw new CliError("refused", `Cannot save "${file}" as it is longer than any file of a run`);
  }
  try {
    await Deno.writeFile(cli.path(file), bytes, { createNew: true });
    return file;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
    const hint = "name another folder: --save DIR";
    throw new CliError("file", `Cannot save "${file}" as it exists`, hint, { cause });
  }
}
