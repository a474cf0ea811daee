import type { Command } from "commander";
import { wholeNumber } from "../../arguments/whole_number.ts";
import type { Cli, Registry } from "../../cli.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet/fleet.ts";
import { findOwnHub, type HubStateOptions, withHubState } from "../../reach/find_hub.ts";
import { table } from "../../terminal/table.ts";

interface Tenant {
  readonly id: string;
  readonly fleet: string;
  readonly orderer: string;
  readonly tokenFile?: string;
}

interface Options extends HubStateOptions, FleetOptions {
  maxAgents?: string;
}

/** `writ hub tenant` and `tenants`: whose fleets the hub serves; on the hub's own machine. */
export function addHubTenant(registry: Registry, hub: Command): void {
  const add = registry.command(
    "tenant <name>",
    "take in a fleet by its roots; keeps the first admin's token in the hub's state",
    "writ hub tenant acme --fleet my-fleet",
    hub,
  )
    .option("--max-agents <count>", "agents that the tenant may have");
  withHubState(withFleet(add)).action(registry.action(addTenant));
  const list = registry.command(
    "tenants",
    "list whose fleets the hub serves, and its key for each",
    "writ hub tenants",
    hub,
  );
  withHubState(list).action(registry.action(listTenants));
}

async function addTenant(cli: Cli, id: string, options: Options): Promise<void> {
  const [{ readSignedFiles }, { LIMITS }] = await Promise.all([
    import("../../../agent/trust/signed_folder.ts"),
    import("../../../core/limits.ts"),
  ]);
  const { policy } = await findFleet(cli, options);
  const roots = await readSignedFiles(`${policy}/signed`, "root", 0, LIMITS.ROOT_CHAIN);
  const api = await findOwnHub(cli, options);
  const decoder = new TextDecoder();
  const tenant = await api.json<Tenant>("POST", "/operator/v1/tenants", {
    id,
    roots: roots.map((root) => decoder.decode(root)),
    ...(options.maxAgents !== undefined &&
      { maxAgents: wholeNumber("--max-agents", options.maxAgents) }),
  });
  cli.answer(tenant, () =>
    [
      `Took in the fleet ${cli.out.bold(tenant.fleet)} as tenant ${cli.out.bold(id)}`,
      `  token of its first admin: ${tenant.tokenFile}`,
      `  the hub's key for orders: ${tenant.orderer}`,
      "That the hub may order, the next root has to say so:",
      `  writ root rotate --add orderer:hub=${tenant.orderer}`,
      `  writ hub carry policy/signed/root.2.json --tenant ${id}`,
      "and under orderers: of policy/fleet.yaml, for grants that say orders: [operator, hub]:",
      `  hub: { keys: ["${tenant.orderer}"], threshold: 1 }`,
    ].join("\n"));
}

async function listTenants(cli: Cli, options: HubStateOptions): Promise<void> {
  const api = await findOwnHub(cli, options);
  const { items } = await api.json<{ items: Tenant[] }>("GET", "/operator/v1/tenants");
  cli.answer({ items }, () =>
    table(
      ["TENANT", "FLEET", "KEY FOR ORDERS"],
      items.map(({ id, fleet, orderer }) => [id, fleet, orderer]),
      cli.out.dim,
    ));
}
