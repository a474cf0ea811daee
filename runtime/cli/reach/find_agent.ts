import type { Command } from "commander";
import type { Digest } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { readUserFile } from "../arguments/files.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type FleetOptions, seekFleet, withState } from "../fleet/fleet.ts";
import { type AgentAccess, AgentClient } from "./agent_client.ts";

/** Options of commands that talk to an agent. */
export interface AgentOptions extends FleetOptions {
  agent?: string;
  agentId?: string;
  ca?: string;
}

/** A chain of certificates. */
const CA_BYTES = 1 << 20;

/** Adds `--agent`, `--agent-id`, `--ca`, `--fleet` and `--state`. */
export function withAgent(command: Command): Command {
  return withState(command)
    .option("--agent <url>", "the agent's address (default: the one that uses the state folder)")
    .option("--agent-id <id>", "the agent that must answer there (default: any)")
    .option("--ca <file>", "what vouches for its TLS: a PEM file, or sha256:… as its start told");
}

/**
 * Finds the agent: `--agent`, else the one whose address lies in the state folder. The operator's
 * token goes only to the agent whose state was found, never to another address.
 *
 * @param caller.signer Signs the calls where there is no token for that agent.
 * @param caller.asOrderer Whether it signs them also where there is one.
 * @throws {CliError} no_fleet – when neither an address nor a state folder is known
 * @throws {CliError} unreachable – when no agent uses the state folder
 * @throws {CliError} usage – when an option is not written as it must be
 */
export async function findAgent(
  cli: Cli,
  options: AgentOptions,
  { signer, asOrderer = false }: { signer?: Signer | undefined; asOrderer?: boolean } = {},
): Promise<AgentClient> {
  const state = options.state !== undefined
    ? cli.path(options.state)
    : (await seekFleet(cli, options))?.state;
  const local = state && await readLine(`${state}/agent.url`);
  const url = options.agent === undefined ? local : addressFrom(options.agent);
  if (url === undefined) throw notFound(state);
  const isLocal = options.agent === undefined || options.state !== undefined ||
    (local !== undefined && new URL(local).origin === new URL(url).origin);
  const near = isLocal && state !== undefined ? state : undefined;
  const token = near && !asOrderer && await readLine(`${near}/operator.token`);
  const authority = await authorityFor(cli, url, options, near);
  const access: AgentAccess = {
    ...(token && { token }),
    ...(signer && { signer }),
    ...(authority !== undefined && { authority }),
    ...(options.agentId !== undefined && { id: await idFrom(options.agentId) }),
  };
  return new AgentClient(url, access);
}

function addressFrom(text: string): string {
  if (/^https?:\/\/[^/?#]+\/?$/.test(text) && URL.canParse(text)) return text;
  throw new CliError(
    "usage",
    `Cannot use "${text}" as an agent's address`,
    "write it like http://127.0.0.1:8799",
  );
}

async function idFrom(text: string) {
  const { parseAgentId } = await import("../../peer/mod.ts");
  try {
    return parseAgentId(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CliError("usage", message, undefined, { cause });
  }
}

/** The certificate to believe in: what the user names, else that of the agent's own state. */
async function authorityFor(
  cli: Cli,
  url: string,
  { ca }: AgentOptions,
  state: string | undefined,
): Promise<string | undefined> {
  if (!url.startsWith("https:")) return undefined;
  if (ca === undefined) return state && await readLine(`${state}/tls/ca.pem`);
  if (/^sha256:[0-9a-f]{64}$/.test(ca)) {
    const { pinnedAuthority } = await import("../../peer/mod.ts");
    return await pinnedAuthority(url, ca as Digest);
  }
  return new TextDecoder().decode(await readUserFile(cli.path(ca), ca, CA_BYTES));
}

function notFound(state: string | undefined): CliError {
  if (state === undefined) {
    return new CliError(
      "no_fleet",
      "Cannot tell which agent is meant as there is no fleet here or above",
      "give --fleet DIR, --state DIR or --agent URL",
    );
  }
  return new CliError(
    "unreachable",
    `Cannot find an agent as none is running with the state in "${state}"`,
    "start it with: writ agent",
  );
}

async function readLine(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).trim() || undefined;
  } catch {
    return undefined;
  }
}
