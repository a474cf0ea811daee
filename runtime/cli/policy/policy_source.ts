import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import {
  policyFromRules,
  type PolicyInForce,
  policyInForceFrom,
  type PolicyRules,
} from "../../core/policy_in_force.ts";
import { loadPolicyDir } from "../../policy/mod.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { AgentClient } from "../reach/agent_client.ts";
import { policyOf, readSignedFolder } from "./policy_of.ts";

/** A policy, and how to call it in words. */
export interface NamedPolicy {
  readonly name: string;
  readonly policy: PolicyInForce;
}

/** The policy that an agent works by at this moment. */
export async function policyInForce(agent: AgentClient): Promise<NamedPolicy> {
  const { rules } = await agent.json<{ rules: PolicyRules }>("/v1/policy");
  return { name: `in force at ${agent.url}`, policy: policyFromRules(rules) };
}

/** The policy of a folder, as an agent that loads it would have it. */
export async function policyOfFolder(
  cli: Cli,
  dir: string,
  kept: readonly string[] = [],
): Promise<NamedPolicy> {
  return { name: dir, policy: await policyOf(await loadPolicyDir(dir, { kept }), cli.io.now()) };
}

/**
 * The policy that a signed list would be on this fleet's machines: with the newest root, and the
 * ceiling of the fleet's own folder. The list itself is not verified: it may be one of long ago.
 *
 * @throws {CliError} no_such_file – when there is no list of that number
 */
export async function policyOfList(
  cli: Cli,
  fleet: Fleet,
  version: number,
): Promise<NamedPolicy> {
  const folder = `${fleet.policy}/signed`;
  const [{ root }, loaded] = await Promise.all([
    readSignedFolder(folder, cli.io.now()),
    loadPolicyDir(fleet.policy, { kept: fleet.kept }),
  ]);
  const envelope = await Deno.readFile(`${folder}/acceptlist.${version}.json`).catch(() => {
    const message = `Cannot find accept-list ${version} in "${folder}"`;
    throw new CliError("no_such_file", message, "writ policy log shows those there are");
  });
  const list = parseDocument("acceptlist", openEnvelope("acceptlist", envelope).payload);
  const policy = policyInForceFrom(list, root, loaded.narrowing.ceiling);
  return { name: `accept-list ${version}`, policy };
}
