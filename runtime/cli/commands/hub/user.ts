import type { Command } from "commander";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { findOwnHub, hubStateOf, type OwnHubOptions, withOwnHub } from "../../reach/find_hub.ts";

interface Options extends OwnHubOptions {
  tenant: string;
  role: string;
  again?: boolean;
}

/** `writ hub user`: lets somebody in to the console; on the hub's own machine. */
export function addHubUser(registry: Registry, hub: Command): void {
  const command = registry.command(
    "user <name>",
    "invite somebody to the console: prints a link, good for one password",
    "writ hub user ada --tenant acme",
    hub,
  )
    .requiredOption("--tenant <name>", "whose fleet")
    .option("--role <role>", "viewer, operator or admin", "admin")
    .option("--again", "for a user who has lost password and passkeys; both are forgotten");
  withOwnHub(command).action(registry.action(inviteUser));
}

async function inviteUser(cli: Cli, name: string, options: Options): Promise<void> {
  const { tenant, role, again } = options;
  const origin = await consoleOrigin(hubStateOf(cli, options));
  const api = await findOwnHub(cli, options);
  const path = `/operator/v1/tenants/${encodeURIComponent(tenant)}/users`;
  const request = { name, role, ...(again && { again }) };
  const { invitation } = await api.json<{ invitation: string }>("POST", path, request);
  const { invitationLink } = await import("../../../hub/users/mod.ts");
  const link = invitationLink(origin, tenant, invitation);
  cli.note("Good for two days, and for one password:");
  cli.answer({ name, tenant, link }, () => link);
}

async function consoleOrigin(state: string): Promise<string> {
  try {
    return (await Deno.readTextFile(`${state}/console.url`)).trim();
  } catch (cause) {
    const message = `Cannot invite anybody as no console runs with the state in "${state}"`;
    const hint = "start the hub with one: writ hub --console localhost:8791";
    throw new CliError("unreachable", message, hint, { cause });
  }
}
