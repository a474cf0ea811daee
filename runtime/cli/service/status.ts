import type { AgentInfo } from "../../agent/mod.ts";
import type { Cli } from "../cli.ts";
import type { FleetOptions } from "../fleet/fleet.ts";
import { PLACES } from "./places.ts";

/** What is installed on a machine. */
export interface ServiceStatus {
  /** The unit's file; `null` when there is none. */
  readonly unit: string | null;
  /** Of the program that the unit starts. */
  readonly version: string | null;
  readonly deno: string | null;
  /** Where it answers; `null` when it does not. */
  readonly url: string | null;
  readonly level: number | null;
  /** Why it does not answer. */
  readonly failure: string | null;
}

const NONE: ServiceStatus = {
  unit: null,
  version: null,
  deno: null,
  url: null,
  level: null,
  failure: null,
};

/**
 * Reads the unit and asks the agent. Where no service is installed, it is the agent of the fleet
 * folder or `--state` that is asked.
 */
export async function serviceStatus(
  cli: Cli,
  root: string,
  options: FleetOptions = {},
): Promise<ServiceStatus> {
  const unit = `${root}${PLACES.unit}`;
  const text = await Deno.readTextFile(unit).catch(() => undefined);
  if (text === undefined) return root === "" ? await asked(cli, NONE, options) : NONE;
  const version = /^ExecStart=.*\/writ\/([^/]+)\/launch /m.exec(text)?.[1] ?? null;
  const state = options.state ?? `${root}${PLACES.state}`;
  return await asked(cli, { ...NONE, unit, version }, { ...options, state });
}

async function asked(
  cli: Cli,
  installed: ServiceStatus,
  options: FleetOptions,
): Promise<ServiceStatus> {
  try {
    const { findAgent } = await import("../reach/find_agent.ts");
    const agent = await findAgent(cli, options);
    const { deno, level } = await agent.json<AgentInfo>("/v1/info");
    return { ...installed, url: agent.url, deno, level };
  } catch (error) {
    return { ...installed, failure: (error as Error).message };
  }
}
