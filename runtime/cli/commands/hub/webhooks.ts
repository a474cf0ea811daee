import type { Command } from "commander";
import type { Webhook } from "../../../hub/mod.ts";
import type { Cli, Registry } from "../../cli.ts";
import { findHub, type HubOptions, withHub } from "../../reach/find_hub.ts";
import type { HubApi } from "../../reach/hub_api.ts";
import { table } from "../../terminal/table.ts";

interface ListOptions extends HubOptions {
  remove?: string;
  test?: string;
}

const PATH = "/api/v1/webhooks";

/** `writ hub webhook` and `webhooks`: addresses that are told what stands in the audit log. */
export function addHubWebhooks(registry: Registry, hub: Command): void {
  const add = registry.command(
    "webhook <url>",
    "tell an address what happens from now on; its secret is shown once",
    "writ hub webhook https://alerts.example/writ",
    hub,
  );
  withHub(add).action(registry.action(addWebhook));
  const list = registry.command(
    "webhooks",
    "list the addresses that are told, try one, or remove one",
    "writ hub webhooks --test 5f0c…",
    hub,
  )
    .option("--test <id>", "send it one message now")
    .option("--remove <id>", "tell it no more");
  withHub(list).action(registry.action(listWebhooks));
}

async function addWebhook(cli: Cli, url: string, options: HubOptions): Promise<void> {
  const api = await findHub(cli, options);
  const made = await api.json<Webhook & { secret: string }>("POST", PATH, { url });
  cli.note(`Try it: writ hub webhooks --test ${made.id}`);
  cli.answer(made, () => made.secret);
}

async function listWebhooks(
  cli: Cli,
  { remove, test, ...options }: ListOptions,
): Promise<number> {
  const api = await findHub(cli, options);
  if (test !== undefined) return await testWebhook(cli, api, test);
  if (remove !== undefined) await api.json("DELETE", `${PATH}/${encodeURIComponent(remove)}`);
  const { items } = await api.list<Webhook>(PATH);
  cli.answer({ items }, () =>
    table(
      ["ID", "ADDRESS", "FAILED IN A ROW", "WHY", "BY"],
      items.map(({ id, url, failures, problem, createdBy }) => [
        ...[id, url, String(failures), problem ?? "", createdBy],
      ]),
      cli.out.dim,
    ));
  return 0;
}

async function testWebhook(cli: Cli, api: HubApi, id: string): Promise<number> {
  const tried = await api.json<{ problem: string | null }>(
    "POST",
    `${PATH}/${encodeURIComponent(id)}/test`,
  );
  const { problem } = tried;
  cli.answer(tried, () => problem === null ? "It took the message" : `It failed: ${problem}`);
  return problem === null ? 0 : 1;
}
