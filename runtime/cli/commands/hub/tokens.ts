import type { Command } from "commander";
import { instantOf } from "../../../core/instant.ts";
import type { EnrolTokenRecord } from "../../../hub/mod.ts";
import { parseDuration } from "../../arguments/duration.ts";
import type { Cli, Registry } from "../../cli.ts";
import { agentsUrlOf, findHub, type HubOptions, withHub } from "../../reach/find_hub.ts";
import { approvedIdOf } from "../../reach/hub_names.ts";
import { table } from "../../terminal/table.ts";

interface EnrolOptions extends HubOptions {
  expires: string;
  approved?: boolean;
  label?: string[];
  replaces?: string;
}

interface ApiOptions extends HubOptions {
  scope: string[];
  expires?: string;
}

interface ShownToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires: number | null;
}

/** `writ hub enrol-token`, `enrol-tokens`, `api-token` and `api-tokens`. */
export function addHubTokens(registry: Registry, hub: Command): void {
  const enrol = registry.command(
    "enrol-token",
    "make a token with which one machine becomes an agent; it is shown once",
    "writ hub enrol-token --approved --label office",
    hub,
  )
    .option("--expires <time>", "good for this long", "1 d")
    .option("--approved", "the machine needs no approval")
    .option("--label <label...>", "labels that it gets at the hub")
    .option(
      "--replaces <agent>",
      "with --approved: whose place it takes, with name, labels and orders that wait",
    );
  withHub(enrol).action(registry.action(makeEnrolToken));
  const enrols = registry.command(
    "enrol-tokens",
    "list the tokens of machines, or revoke one",
    "writ hub enrol-tokens",
    hub,
  )
    .option("--revoke <id>", "make this one worthless");
  withHub(enrols).action(registry.action(listEnrolTokens));
  const api = registry.command(
    "api-token <name>",
    "make a token for a program; it is shown once",
    "writ hub api-token nightly --scope orders:write orders:read",
    hub,
  )
    .requiredOption("--scope <scope...>", "what it may do, such as agents:read")
    .option("--expires <time>", "good for this long, at most a year (default: a year)");
  withHub(api).action(registry.action(makeApiToken));
  const list = registry.command(
    "api-tokens",
    "list the tokens of programs, or revoke one",
    "writ hub api-tokens",
    hub,
  )
    .option("--revoke <id>", "make this one worthless");
  withHub(list).action(registry.action(listApiTokens));
}

async function makeEnrolToken(cli: Cli, options: EnrolOptions): Promise<void> {
  const api = await findHub(cli, options);
  const made = await api.json<{ token: string; expires: number }>("POST", "/api/v1/enrol-tokens", {
    expiresMs: parseDuration("--expires", options.expires),
    ...(options.approved && { approved: true }),
    ...(options.label && { labels: options.label }),
    ...(options.replaces !== undefined && { replaces: await approvedIdOf(api, options.replaces) }),
  });
  const { checkEnrolToken } = await import("../../reach/check_enrol_token.ts");
  await checkEnrolToken(cli, made.token);
  const ca = await api.authority();
  const url = await agentsUrlOf(cli, options, api);
  const at = ca === undefined ? `${url} -` : `${url} - --hub-ca ${ca}`;
  cli.note(`Good until ${instantOf(made.expires)}, for one machine: writ enrol ${at}`);
  cli.answer(made, () => made.token);
}

async function listEnrolTokens(
  cli: Cli,
  { revoke, ...options }: HubOptions & { revoke?: string },
): Promise<void> {
  const api = await findHub(cli, options);
  if (revoke !== undefined) {
    await api.json("DELETE", `/api/v1/enrol-tokens/${encodeURIComponent(revoke)}`);
  }
  const { items } = await api.list<EnrolTokenRecord>("/api/v1/enrol-tokens");
  cli.answer({ items }, () =>
    table(
      ["ID", "STATE", "EXPIRES", "LABELS", "BY"],
      items.map((token) => [
        token.id,
        stateOf(token),
        instantOf(token.expires),
        token.labels.join(" "),
        token.createdBy,
      ]),
      cli.out.dim,
    ));
}

function stateOf({ usedBy, revoked, approved }: EnrolTokenRecord): string {
  if (usedBy !== null) return `used by ${usedBy}`;
  return revoked ? "revoked" : approved ? "unused, needs no approval" : "unused";
}

async function makeApiToken(cli: Cli, name: string, options: ApiOptions): Promise<void> {
  const api = await findHub(cli, options);
  const made = await api.json<{ token: string }>("POST", "/api/v1/tokens", {
    name,
    scopes: options.scope,
    ...(options.expires !== undefined && {
      expiresMs: parseDuration("--expires", options.expires),
    }),
  });
  cli.answer(made, () => made.token);
}

async function listApiTokens(
  cli: Cli,
  options: HubOptions & { revoke?: string },
): Promise<void> {
  const api = await findHub(cli, options);
  const { revoke } = options;
  if (revoke !== undefined) {
    await api.json("DELETE", `/api/v1/tokens/${encodeURIComponent(revoke)}`);
  }
  const { items } = await api.list<ShownToken>("/api/v1/tokens");
  cli.answer({ items }, () =>
    table(
      ["ID", "NAME", "EXPIRES", "SCOPES"],
      items.map(({ id, name, expires, scopes }) => [
        id,
        name,
        expires === null ? "never" : instantOf(expires),
        scopes.join(" "),
      ]),
      cli.out.dim,
    ));
}
