import type { AgentInfo } from "../../agent/mod.ts";
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
}

const NONE: ServiceStatus = { unit: null, version: null, deno: null, url: null, level: null };

/** Reads the unit and asks the agent. */
export async function serviceStatus(root: string): Promise<ServiceStatus> {
  const unit = `${root}${PLACES.unit}`;
  const text = await Deno.readTextFile(unit).catch(() => undefined);
  if (text === undefined) return NONE;
  const version = /^ExecStart=.*\/writ\/([^/]+)\/deno run/m.exec(text)?.[1] ?? null;
  const url = await Deno.readTextFile(`${root}${PLACES.state}/agent.url`)
    .then((line) => line.trim(), () => null);
  const installed = { ...NONE, unit, version };
  if (url === null) return installed;
  try {
    const { AgentClient } = await import("../agent_client.ts");
    const { deno, level } = await new AgentClient(url).json<AgentInfo>("/v1/info");
    return { ...installed, url, deno, level };
  } catch {
    return installed;
  }
}
