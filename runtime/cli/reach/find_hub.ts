import type { Command } from "commander";
import { readUserFile } from "../arguments/files.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { HubApi } from "./hub_api.ts";

/** Options of commands that run on the hub's machine. */
export interface HubStateOptions {
  hubState?: string;
}

/** Options of commands that ask the hub, from its own machine or another one. */
export interface OwnHubOptions extends HubStateOptions {
  hubCa?: string;
}

/** Options of commands that talk to a hub. */
export interface HubOptions extends OwnHubOptions {
  hub?: string;
  hubToken?: string;
  tenant?: string;
}

const DEFAULT_STATE = "hub-state";
const TOKEN_BYTES = 1_024;
const CA_BYTES = 1 << 20;

/** Adds `--hub-state`. */
export function withHubState(command: Command): Command {
  return command
    .option("--hub-state <dir>", `the hub's state folder (default: ${DEFAULT_STATE})`);
}

/** Adds `--hub-state` and `--hub-ca`. */
export function withOwnHub(command: Command): Command {
  return withHubState(command)
    .option("--hub-ca <file>", "what vouches for its TLS: a PEM file");
}

/**
 * Adds `--hub`, `--hub-token`, `--hub-ca`, `--tenant` and `--hub-state`.
 *
 * @param about What `--hub` is for, where it does more than name the hub.
 */
export function withHub(
  command: Command,
  about = "the hub's address (default: the one that uses the state folder)",
): Command {
  return withOwnHub(command)
    .option("--hub <url>", about)
    .option(
      "--hub-token <file>",
      "a token of its API, - for standard input (default: the tenant's)",
    )
    .option("--tenant <name>", "the tenant, where the state folder knows several");
}

/** The hub's state folder, as it was named. */
export function hubStateOf(cli: Cli, { hubState = DEFAULT_STATE }: HubStateOptions): string {
  return cli.path(hubState);
}

/**
 * Finds the hub: `--hub`, else the one that uses the state folder. A token of that folder goes only
 * to the hub whose folder it is.
 *
 * @throws {CliError} unreachable – no hub uses the state folder
 * @throws {CliError} usage – there is no token, or there are several
 */
export async function findHub(cli: Cli, options: HubOptions): Promise<HubApi> {
  const state = hubStateOf(cli, options);
  const local = await readLine(`${state}/hub.url`);
  const url = options.hub ?? local;
  if (url === undefined) throw notRunning(state);
  const isLocal = isSameHub(url, local);
  const token = options.hubToken === undefined
    ? isLocal ? await tenantToken(state, options.tenant) : undefined
    : await givenToken(cli, options.hubToken);
  if (token === undefined) {
    const hint = "name the file of one: --hub-token FILE";
    throw new CliError("usage", "Cannot ask the hub without a token", hint);
  }
  return new HubApi(url, token, await authorityOf(cli, options, isLocal));
}

/** @param local Where the hub of the state folder listens, if one does. */
function isSameHub(url: string, local: string | undefined): boolean {
  return local !== undefined && URL.parse(url)?.origin === new URL(local).origin;
}

/** How machines reach the hub, which this one may reach by another name. */
export async function agentsUrlOf(cli: Cli, options: HubOptions, api: HubApi): Promise<string> {
  const state = hubStateOf(cli, options);
  const isLocal = isSameHub(api.url, await readLine(`${state}/hub.url`));
  return (isLocal ? await readLine(`${state}/agents.url`) : undefined) ?? api.url;
}

/** The hub's own door for whoever runs it, by the token in its state folder. */
export async function findOwnHub(cli: Cli, options: OwnHubOptions): Promise<HubApi> {
  const state = hubStateOf(cli, options);
  const url = await readLine(`${state}/hub.url`);
  const token = await readLine(`${state}/operator.token`);
  if (url === undefined || token === undefined) throw notRunning(state);
  return new HubApi(url, token, await authorityOf(cli, options));
}

/**
 * What vouches for the hub's TLS beside the authorities that everybody knows: a file that was named,
 * or what lies in the state folder of the very hub.
 */
async function authorityOf(
  cli: Cli,
  options: OwnHubOptions,
  isLocal = true,
): Promise<string | undefined> {
  const { hubCa } = options;
  if (hubCa !== undefined) {
    return new TextDecoder().decode(await readUserFile(cli.path(hubCa), hubCa, CA_BYTES));
  }
  return isLocal ? await readLine(`${hubStateOf(cli, options)}/tls/ca.pem`) : undefined;
}

async function tenantToken(state: string, tenant: string | undefined): Promise<string | undefined> {
  if (tenant !== undefined) return await readLine(`${state}/tenants/${tenant}.token`);
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(`${state}/tenants`)) {
      if (name.endsWith(".token")) names.push(name);
    }
  } catch {
    return undefined;
  }
  if (names.length <= 1) return names[0] && await readLine(`${state}/tenants/${names[0]}`);
  throw new CliError(
    "usage",
    "Cannot tell which tenant is meant as the hub has several",
    "name it: --tenant NAME",
  );
}

async function givenToken(cli: Cli, file: string): Promise<string> {
  const bytes = file === "-"
    ? await cli.io.stdin.bytes(TOKEN_BYTES)
    : await readUserFile(cli.path(file), file, TOKEN_BYTES);
  return new TextDecoder().decode(bytes).trim();
}

function notRunning(state: string): CliError {
  return new CliError(
    "unreachable",
    `Cannot find a hub as none is running with the state in "${state}"`,
    "start it with: writ hub, or name another: --hub URL --hub-token FILE",
  );
}

async function readLine(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).trim() || undefined;
  } catch {
    return undefined;
  }
}
