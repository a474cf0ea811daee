import type { Command } from "commander";
import { HUB_LIMITS } from "../../../hub/limits.ts";
import { formatSize } from "../../../policy/units.ts";
import { parseSize } from "../../arguments/size.ts";
import { wholeNumber } from "../../arguments/whole_number.ts";
import type { Cli, Registry } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { findFleet, type FleetOptions, withFleet } from "../../fleet/fleet.ts";
import { findOwnHub, type OwnHubOptions, withOwnHub } from "../../reach/find_hub.ts";
import { table } from "../../terminal/table.ts";

interface Tenant {
  readonly id: string;
  readonly fleet: string;
  /** `null` where another hub has it. */
  readonly orderer: string | null;
  readonly maxAgents: number;
  readonly artefactBytes: number;
  readonly maxArtefactBytes: number;
  readonly tokenFile?: string;
}

interface Quotas extends OwnHubOptions {
  maxAgents?: string;
  maxArtefacts?: string;
}

/** `writ hub tenant`, `tenants` and `quota`: whose fleets the hub serves; on the hub's own machine. */
export function addHubTenant(registry: Registry, hub: Command): void {
  const add = registry.command(
    "tenant <name>",
    "take in a fleet by its roots; keeps the first admin's token in the hub's state",
    "writ hub tenant acme --fleet my-fleet",
    hub,
  );
  withOwnHub(withFleet(withQuotas(add))).action(registry.action(addTenant));
  const list = registry.command(
    "tenants",
    "list whose fleets the hub serves, its key for each, and what each has of its quotas",
    "writ hub tenants",
    hub,
  );
  withOwnHub(list).action(registry.action(listTenants));
  const quota = registry.command(
    "quota <tenant>",
    "change how much a tenant may have",
    "writ hub quota acme --max-artefacts '20 GB'",
    hub,
  );
  withOwnHub(withQuotas(quota)).action(registry.action(changeQuotas));
}

function withQuotas(command: Command): Command {
  return command
    .option(
      "--max-agents <count>",
      `agents that the tenant may have, unless said: ${HUB_LIMITS.AGENTS}`,
    )
    .option(
      "--max-artefacts <size>",
      `what may be kept of files that its runs leave, unless said: ${
        formatSize(HUB_LIMITS.ARTEFACTS_OF_TENANT_BYTES)
      }`,
    );
}

function quotasOf({ maxAgents, maxArtefacts }: Quotas) {
  return {
    ...(maxAgents !== undefined &&
      { maxAgents: wholeNumber("--max-agents", maxAgents, { least: 1 }) }),
    ...(maxArtefacts !== undefined &&
      { maxArtefactBytes: parseSize("--max-artefacts", maxArtefacts) }),
  };
}

async function addTenant(cli: Cli, id: string, options: Quotas & FleetOptions): Promise<void> {
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
    ...quotasOf(options),
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

async function listTenants(cli: Cli, options: OwnHubOptions): Promise<void> {
  const api = await findOwnHub(cli, options);
  const { items } = await api.json<{ items: Tenant[] }>("GET", "/operator/v1/tenants");
  cli.answer({ items }, () =>
    table(
      ["TENANT", "FLEET", "KEY FOR ORDERS", "AGENTS AT MOST", "ARTEFACTS"],
      items.map((tenant) => [
        ...[tenant.id, tenant.fleet, tenant.orderer ?? "at another hub", String(tenant.maxAgents)],
        artefactsOf(tenant),
      ]),
      cli.out.dim,
    ));
}

async function changeQuotas(cli: Cli, id: string, options: Quotas): Promise<void> {
  const quotas = quotasOf(options);
  if (Object.keys(quotas).length === 0) {
    const hint = "name one: --max-agents COUNT, --max-artefacts SIZE";
    throw new CliError("usage", "Cannot change no quota", hint);
  }
  const api = await findOwnHub(cli, options);
  const path = `/operator/v1/tenants/${encodeURIComponent(id)}`;
  const tenant = await api.json<Tenant>("PATCH", path, quotas);
  cli.answer(
    tenant,
    () => `${id} may have ${tenant.maxAgents} agents; its artefacts: ${artefactsOf(tenant)}`,
  );
}

function artefactsOf({ artefactBytes, maxArtefactBytes }: Tenant): string {
  return `${Math.ceil(artefactBytes / 1e6)} MB of ${formatSize(maxArtefactBytes)}`;
}
